/**
 * Where the guest's two channels come from: virtio ports in a virtual machine, sockets where there is none.
 */
import type { Channel, ChannelName } from '@negotiator/common'

/** Brings channels, one attachment after the other. */
export interface ChannelSource {
  /** Waits until a host is attached to a channel. @throws {SystemError} when it cannot be had now */
  nextHost(name: ChannelName, signal: AbortSignal): Promise<Channel>
  /** Lets go of everything; attachments are over. */
  close(): Promise<void>
}
