/**
 * The names of the two paired channels.
 * Floor 1. Pure.
 */

/** The channel on which the host calls. */
export const hostToGuest = 'negotiator-host-to-guest.0'

/** The channel on which the guest calls. */
export const guestToHost = 'negotiator-guest-to-host.0'

/** One of the two. */
export type ChannelName = 'negotiator-host-to-guest.0' | 'negotiator-guest-to-host.0'

export const channelNames: readonly ChannelName[] = [hostToGuest, guestToHost]
