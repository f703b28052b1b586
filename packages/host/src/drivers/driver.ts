/**
 * The contract of a driver: it finds the guests of one hypervisor and where their channels end.
 * A driver names guests and tells of changes; it never connects to a channel and never believes a guest about itself.
 */
import type { ChannelName } from '@negotiator/common'

/** How a guest's machine is: `paused` also when it is suspended or has crashed and is kept for inspection. */
export type MachineState = 'running' | 'paused' | 'off'

/** A guest as its hypervisor knows it. */
export interface FoundGuest {
  /** Its name, unique on this host as long as people keep it so; never taken from the guest itself. */
  readonly name: string
  /** Its uuid in lower case, when the hypervisor gives it one. */
  readonly uuid?: string | undefined
  /** How its machine is; absent where nobody can tell, and where only running guests are found. */
  readonly state?: MachineState | undefined
  /** The UNIX sockets of its channels on this host; one that is not configured, or of a guest that is off, is absent. */
  readonly sockets: Readonly<Partial<Record<ChannelName, string>>>
}

/** Finds guests. */
export interface Driver {
  /** What it is configured as, e.g. `folder:/run/guests`. */
  readonly name: string
  /**
   * The guests that are there now.
   * @throws {SystemError} when it cannot tell; the guests known so far are then kept
   */
  list(signal: AbortSignal): Promise<readonly FoundGuest[]>
  /**
   * Calls `onChange` whenever `list` may give something else, until the returned function is called; a call too many does
   * no harm. Resolves once watching has begun.
   */
  watch(onChange: () => void): Promise<() => Promise<void>>
}
