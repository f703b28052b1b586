/**
 * Machines that run nowhere: they are remembered by this process, and ended by whoever plays their part.
 */
import type { MachineEnd, Machines, MachineStatus } from '../machines.js'
import { notInState } from '../not-in-state.js'

/** Machines that a test, too, acts for. */
export interface FakeMachines extends Machines {
  /** Lets a machine end by itself, as its guest would. */
  endItself(uuid: string, end: MachineEnd): void
  /** How often the power button of a machine was pressed. */
  pressCount(uuid: string): number
}

const off: MachineStatus = { state: 'off' }

/** Makes a world without machines. */
export function createFakeMachines(): FakeMachines {
  return new RememberedMachines()
}

class RememberedMachines implements FakeMachines {
  readonly #statuses = new Map<string, MachineStatus>()
  readonly #presses = new Map<string, number>()
  readonly #waiting = new Set<() => void>()

  async start({ uuid, name }: { uuid: string; name: string }, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const { state } = this.#statusOf(uuid)
    if (state !== 'off') throw notInState({ verb: 'start', machine: name, state })
    await this.#become(uuid, { state: 'running' })
  }

  async shutdown({ uuid, signal }: { uuid: string; signal: AbortSignal }): Promise<void> {
    signal.throwIfAborted()
    this.#mustRun(uuid, 'shut down')
    this.#presses.set(uuid, this.pressCount(uuid) + 1)
    await Promise.resolve()
  }

  async kill({ uuid, signal }: { uuid: string; signal: AbortSignal }): Promise<void> {
    signal.throwIfAborted()
    await this.#become(uuid, off)
  }

  async suspend({ uuid, signal }: { uuid: string; signal: AbortSignal }): Promise<void> {
    signal.throwIfAborted()
    this.#mustRun(uuid, 'suspend')
    await this.#become(uuid, { state: 'suspended' })
  }

  async resume({ uuid, name }: { uuid: string; name: string }, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const { state } = this.#statusOf(uuid)
    if (state !== 'suspended') throw notInState({ verb: 'resume', machine: name, state })
    await this.#become(uuid, { state: 'running' })
  }

  async state({ uuid, signal }: { uuid: string; signal: AbortSignal }): Promise<MachineStatus> {
    signal.throwIfAborted()
    return await Promise.resolve(this.#statusOf(uuid))
  }

  async ended({ uuid, signal }: { uuid: string; signal: AbortSignal }): Promise<MachineStatus> {
    for (;;) {
      signal.throwIfAborted()
      const status = this.#statusOf(uuid)
      if (status.state !== 'running') return status
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        this.#waiting.add(wake)
        signal.addEventListener('abort', wake)
      })
    }
  }

  endItself(uuid: string, end: MachineEnd): void {
    this.#mustRun(uuid, 'end')
    void this.#become(uuid, { state: 'ended', end })
  }

  pressCount(uuid: string): number {
    return this.#presses.get(uuid) ?? 0
  }

  #statusOf(uuid: string): MachineStatus {
    return this.#statuses.get(uuid) ?? off
  }

  #mustRun(uuid: string, verb: string): void {
    const { state } = this.#statusOf(uuid)
    if (state !== 'running') throw notInState({ verb, machine: uuid, state })
  }

  async #become(uuid: string, status: MachineStatus): Promise<void> {
    if (status.state === 'off') this.#statuses.delete(uuid)
    else this.#statuses.set(uuid, status)
    for (const wake of this.#waiting) wake()
    await Promise.resolve()
  }
}
