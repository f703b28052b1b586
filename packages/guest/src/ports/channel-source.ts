/**
 * Where the guest's channels come from: virtio ports in a virtual machine, sockets where there is none.
 */
import type { Channel } from '@negotiator/common'

/** Brings channels, one attachment after the other. */
export interface ChannelSource {
  /** Waits until a host is attached to a channel. @throws {SystemError} when it cannot be had now */
  nextHost(name: string, signal: AbortSignal): Promise<Channel>
  /** Lets go of everything; attachments are over. */
  close(): Promise<void>
}
