/**
 * Machines as plain QEMU processes, which belong to no daemon: each is found again by its uuid and its monitor on the command line,
 * and asked by QMP how it is.
 */
import { chmod, mkdir, rm, stat } from 'node:fs/promises'
import { delay, SystemError } from '@negotiator/common'
import type { GuestDefinition } from '../../managed/definition.js'
import type { MachineNeeds } from '../kind.js'
import type { MachineCall, Machines, MachineStatus } from '../machines.js'
import { notInState } from '../not-in-state.js'
import { journalSign, makeJournal, readJournal, trimJournal } from './event-journal.js'
import { machineArguments } from './machine-arguments.js'
import { placesOf } from './machine-places.js'
import type { MachinePlaces } from './machine-places.js'
import { isStillThere, QemuProcesses } from './qemu-processes.js'
import type { QemuProcess } from './qemu-processes.js'
import { askQemu } from './qmp.js'
import type { QmpCommand } from './qmp.js'
import { runQemu } from './run-qemu.js'
import { liveStatus } from './run-state.js'
import { hasMemory, takeMemory, writeMemory } from './suspended-memory.js'

/** QEMU answers within milliseconds; one that is stopped by a debugger, or by the kernel for want of a disk, does not. */
const monitorTimeoutMs = 5_000

/** A process ends without telling anybody. */
const lookAgainMs = 50

/** A QEMU that is killed tells nobody. */
const endLookAgainMs = 2_000

/** Gigabytes are written at the pace of a disk. */
const dumpTimeoutMs = 600_000

/** Makes what runs machines. */
export function createQemuMachines(needs: MachineNeeds & { readonly program?: string }): Machines {
  return new QemuMachines(needs)
}

class QemuMachines implements Machines {
  readonly #needs: MachineNeeds & { readonly program?: string }
  readonly #processes = new QemuProcesses('/proc')

  constructor(needs: MachineNeeds & { readonly program?: string }) {
    this.#needs = needs
  }

  async start(definition: GuestDefinition, signal: AbortSignal): Promise<void> {
    await this.#must({ ...definition, signal }, { verb: 'start', states: ['off'] })
    await this.#run(definition, { signal })
  }

  async shutdown(call: MachineCall): Promise<void> {
    await this.#must(call, { verb: 'shut down', states: ['running', 'paused'] })
    await this.#ask(call, ['system_powerdown'])
  }

  async kill({ graceMs, ...call }: MachineCall & { readonly graceMs: number }): Promise<void> {
    const found = await this.#find(call.uuid)
    if (found !== undefined) await this.#end(found, { ...call, graceMs })
    const { socketFolder, keptFolder } = this.#placesOf(call.uuid)
    for (const folder of [socketFolder, keptFolder]) await rm(folder, { recursive: true, force: true })
  }

  async suspend(call: MachineCall): Promise<void> {
    await this.#must(call, { verb: 'suspend', states: ['running', 'paused'] })
    const { uuid } = call
    const { memory, socketFolder } = this.#placesOf(uuid)
    const ask = async (commands: readonly QmpCommand[], signal: AbortSignal): Promise<readonly unknown[]> =>
      await this.#ask({ uuid, signal }, commands)
    await writeMemory({ ...call, path: memory, ask, clock: this.#needs.clock })
    const found = await this.#find(uuid)
    if (found !== undefined) await this.#end(found, { ...call, graceMs: monitorTimeoutMs })
    await rm(socketFolder, { recursive: true, force: true })
  }

  async resume(definition: GuestDefinition, signal: AbortSignal): Promise<void> {
    const call = { ...definition, signal }
    await this.#must(call, { verb: 'resume', states: ['suspended'] })
    const taken = await takeMemory(this.#placesOf(definition.uuid).memory)
    try {
      await this.#run(definition, { resumeFrom: taken.path, signal })
      await this.#untilRunning(call)
    } catch (error) {
      if ((await this.#find(definition.uuid)) === undefined) await taken.giveBack()
      throw error
    }
    await taken.drop()
  }

  async dump({ path, ...call }: MachineCall & { readonly path: string }): Promise<boolean> {
    if ((await this.#find(call.uuid)) === undefined) return false
    // It may take as long as the disk wants: whoever asks has a signal.
    await this.#ask(call, [dumpTo(path)], dumpTimeoutMs)
    return (await stat(path)).size > 0
  }

  async state({ uuid, signal }: MachineCall): Promise<MachineStatus> {
    signal.throwIfAborted()
    const { journal, memory } = this.#placesOf(uuid)
    const found = await this.#find(uuid)
    if (found === undefined) {
      if (await hasMemory(memory)) return { state: 'suspended' }
      const end = await readJournal(journal)
      if (end === 'silent' || end === 'told') return { state: 'off' }
      // A machine that ended by itself would still be there: its QEMU was killed, or has failed, sooner or later.
      return { state: 'ended', end: end === 'none' ? 'crash' : end }
    }
    const [status] = await this.#ask({ uuid, signal }, ['query-status'])
    return { ...liveStatus(status, await readJournal(journal)), processId: found.id }
  }

  async ended(call: MachineCall): Promise<MachineStatus> {
    const { journal } = this.#placesOf(call.uuid)
    for (;;) {
      call.signal.throwIfAborted()
      // It listens before it looks: what happens in between is not missed.
      const sign = journalSign(journal, call.signal)
      try {
        const status = await this.#quietState(call)
        if (status !== undefined && status.state !== 'running' && status.state !== 'paused') return status
        await trimJournal(journal)
        await this.#untilGone(call.uuid, sign.heard)
      } finally {
        sign.close()
      }
    }
  }

  /** Looks at the process alone, for that costs next to nothing. */
  async #untilGone(uuid: string, signal: AbortSignal): Promise<void> {
    const found = await this.#find(uuid)
    while (!signal.aborted && found !== undefined && isStillThere(found))
      await delay(this.#needs.clock, { delayMs: endLookAgainMs, signal })
  }

  /** @returns `undefined` when it went while it was asked */
  async #quietState(call: MachineCall): Promise<MachineStatus | undefined> {
    return await this.state(call).catch((error: unknown) => {
      call.signal.throwIfAborted()
      if (error instanceof SystemError) return undefined
      throw error
    })
  }

  async #must(
    call: MachineCall & { readonly name?: string },
    { verb, states }: { verb: string; states: readonly string[] },
  ): Promise<void> {
    const { state } = await this.state(call)
    if (!states.includes(state)) throw notInState({ verb, machine: call.name ?? call.uuid, state })
  }

  async #run(
    definition: GuestDefinition,
    { resumeFrom, signal }: { resumeFrom?: string; signal: AbortSignal },
  ): Promise<void> {
    const places = this.#placesOf(definition.uuid)
    // Nobody else may connect to a guest's channels, whatever QEMU's umask is.
    await mkdir(places.socketFolder, { recursive: true, mode: 0o755 })
    await chmod(places.socketFolder, 0o700)
    await makeJournal(places.journal)
    const args = machineArguments({ definition, places, resumeFrom })
    const start = { ...definition, program: this.#needs.program, args, signal }
    await runQemu(start).catch(async (error: unknown) => {
      await rm(places.socketFolder, { recursive: true, force: true })
      throw error
    })
  }

  /** The process whose command line has this uuid and the monitor that we gave it. */
  async #find(uuid: string): Promise<QemuProcess | undefined> {
    const { monitor } = this.#placesOf(uuid)
    const processes = await this.#processes.look()
    return processes.find(({ machine }) => machine.uuid === uuid && machine.monitor === monitor)
  }

  async #end(
    found: QemuProcess,
    { graceMs, ...call }: MachineCall & { readonly graceMs: number },
  ): Promise<void> {
    const { clock } = this.#needs
    await this.#ask(call, ['quit'], Math.max(graceMs, 1)).catch(() => undefined) // It is killed then.
    for (let waitedMs = 0; waitedMs < graceMs; waitedMs += lookAgainMs) {
      if (!isStillThere(found)) return
      await delay(clock, { delayMs: lookAgainMs })
    }
    call.signal.throwIfAborted()
    if (isStillThere(found)) process.kill(found.id, 'SIGKILL')
    while (isStillThere(found)) await delay(clock, { delayMs: lookAgainMs })
  }

  async #untilRunning(call: MachineCall): Promise<void> {
    for (;;) {
      const status = await this.#quietState(call)
      if (status?.state === 'running') return
      if (status?.state !== 'paused')
        throw new SystemError(
          `Cannot resume the machine ${call.uuid}: its memory could not be read; it is kept`,
          { code: 'machine-start-failed' },
        )
      await this.#ask(call, ['cont'])
      await delay(this.#needs.clock, { delayMs: lookAgainMs })
    }
  }

  async #ask(
    { uuid, signal }: MachineCall,
    commands: readonly QmpCommand[],
    timeoutMs = monitorTimeoutMs,
  ): Promise<readonly unknown[]> {
    const path = this.#placesOf(uuid).monitor
    return await askQemu({ path, commands, timeoutMs, clock: this.#needs.clock, signal })
  }

  #placesOf(uuid: string): MachinePlaces {
    return placesOf(uuid, this.#needs)
  }
}

function dumpTo(path: string): QmpCommand {
  return { execute: 'dump-guest-memory', arguments: { paging: false, protocol: `file:${path}` } }
}
