/**
 * The contract of a driver that can run machines: what is done to one of them, named by its uuid.
 * A machine belongs to no daemon: whoever asks later finds it as it is, by what the hypervisor and the disk say.
 */
import type { GuestDefinition } from '../managed/definition.js'

/**
 * How a machine is. `suspended`: its memory is on the disk, and it uses none. `ended`: it has ended by itself and is kept, so
 * that how it ended can still be told by a daemon that was not there; `kill` lets it go, and only then it can be started again.
 */
export type MachineStatus =
  | { readonly state: 'off' | 'suspended' }
  | { readonly state: 'running' | 'paused'; readonly processId?: number | undefined }
  | { readonly state: 'ended'; readonly end: MachineEnd; readonly processId?: number | undefined }

/** How a machine ended by itself. */
export type MachineEnd = 'poweroff' | 'reboot' | 'crash'

/** What can be asked of a machine, and how long. */
export interface MachineCall {
  /** In lower case. */
  readonly uuid: string
  readonly signal: AbortSignal
}

/** Runs machines. */
export interface Machines {
  /**
   * Starts a machine that is off; resolves once it runs. One that has ended by itself has to be killed before.
   * @throws {UsageError} `machine-not-off`; {@link SystemError} `machine-start-failed`, with the hypervisor's words
   */
  start(definition: GuestDefinition, signal: AbortSignal): Promise<void>
  /** Presses the power button, and does not wait for what comes of it. @throws {UsageError} `machine-not-running` */
  shutdown(call: MachineCall): Promise<void>
  /**
   * Tells a machine to end, and ends its process when it has not within `graceMs`; resolves once it is off. What was suspended is
   * thrown away, what has ended by itself let go. A machine that is off stays so.
   */
  kill(call: MachineCall & { readonly graceMs: number }): Promise<void>
  /** Writes a machine's memory to the disk and ends it. @throws {UsageError} `machine-not-running`; {@link SystemError} `machine-suspend-failed` */
  suspend(call: MachineCall): Promise<void>
  /** Lets a suspended machine go on. @throws {UsageError} `machine-not-suspended`; as `start` does */
  resume(definition: GuestDefinition, signal: AbortSignal): Promise<void>
  /**
   * Writes the memory of a machine that has ended to a file, as an ELF core; a driver that cannot has no such function.
   * @returns whether there was anything to write: a process that was killed has left nothing
   */
  dump?(call: MachineCall & { readonly path: string }): Promise<boolean>
  /** How it is now; a machine that nobody knows is off. */
  state(call: MachineCall): Promise<MachineStatus>
  /** Waits until it neither runs nor is paused. */
  ended(call: MachineCall): Promise<MachineStatus>
}

/** The names of what a driver of somebody else's has to have, if it says that it runs machines. */
export const machineVerbs = ['start', 'shutdown', 'kill', 'suspend', 'resume', 'state', 'ended'] as const
