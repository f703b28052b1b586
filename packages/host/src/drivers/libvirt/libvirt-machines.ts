/**
 * Machines as domains of libvirt. One that libvirt has under a guest's uuid is used as it is and never redefined; one that it has not
 * is made from the guest's definition, and gone again when it is let go.
 */
import { shellWord, SystemError } from '@negotiator/common'
import type { GuestDefinition } from '../../managed/definition.js'
import type { MachineNeeds } from '../kind.js'
import type { MachineCall, Machines, MachineStatus } from '../machines.js'
import { notInState } from '../not-in-state.js'
import { DomainSigns } from './domain-signs.js'
import { domainStatus } from './domain-status.js'
import { managedDomainUri } from './managed-domain.js'
import { defineDomain } from './define-domain.js'
import { marksFolder, RunMarks } from './run-marks.js'
import { uuidsIn } from './listing.js'
import { askVirsh } from './virsh.js'

interface LibvirtMachineNeeds extends Pick<MachineNeeds, 'runFolder' | 'clock' | 'log'> {
  readonly uri: string
  /** The program `virsh`; tests give their own. */
  readonly program?: string | undefined
}

/** A host that is busy starts a machine within seconds. */
const startTimeoutMs = 60_000

/** The memory of a large machine on a slow disk. */
const saveTimeoutMs = 3_600_000

/** Makes what runs machines. */
export function createLibvirtMachines(needs: LibvirtMachineNeeds): Machines {
  return new LibvirtMachines(needs)
}

interface SeenDomain {
  /** `undefined` when libvirt has no such domain. */
  readonly name: string | undefined
  /** It was made by us. */
  readonly isOurs: boolean
  readonly status: MachineStatus
}

interface Order {
  /** For virsh. */
  readonly command: string
  readonly timeoutMs?: number
}

class LibvirtMachines implements Machines {
  readonly #needs: LibvirtMachineNeeds
  readonly #signs: DomainSigns
  readonly #marks: RunMarks

  constructor(needs: LibvirtMachineNeeds) {
    this.#needs = needs
    this.#signs = new DomainSigns(needs)
    this.#marks = new RunMarks(marksFolder(needs.runFolder))
  }

  async start(definition: GuestDefinition, signal: AbortSignal): Promise<void> {
    const call = { ...definition, signal }
    const { name } = await this.#must(call, { verb: 'start', states: ['off'] })
    // What it ended with last time is not how it ends this time.
    await this.#marks.drop(call.uuid)
    if (name === undefined) await defineDomain(definition, { ...this.#needs, signal })
    await this.#run(call)
  }

  async shutdown(call: MachineCall): Promise<void> {
    await this.#must(call, { verb: 'shut down', states: ['running', 'paused'] })
    const words = await this.#tell(call, { command: `shutdown ${call.uuid} --mode acpi` })
    if (words !== '')
      throw new SystemError(`Cannot shut down the machine ${call.uuid}: ${words}`, {
        code: 'libvirt-refused',
      })
  }

  /** How long a process may take that is told to end is libvirt's to say: 10 s, and 5 s more when it is killed. */
  async kill(call: MachineCall & { readonly graceMs: number }): Promise<void> {
    const { uuid } = call
    const { name, isOurs, status } = await this.#look(call)
    const words =
      name === undefined || (status.state === 'off' && !isOurs)
        ? ''
        : await this.#tell(call, { command: `destroy ${uuid}; managedsave-remove ${uuid}` })
    await this.#marks.drop(uuid)
    if (isOurs) await this.#tell(call, { command: `undefine ${uuid}` })
    const after = await this.#look(call)
    if (after.status.state !== 'off')
      throw new SystemError(`Cannot end the machine ${uuid}: ${words || `it is ${after.status.state}`}`, {
        code: 'machine-kill-failed',
      })
  }

  async suspend(call: MachineCall): Promise<void> {
    const { uuid } = call
    await this.#must(call, { verb: 'suspend', states: ['running', 'paused'] })
    const words = await this.#tell(call, {
      command: `managedsave ${uuid} --running`,
      timeoutMs: saveTimeoutMs,
    }).catch(async (error: unknown) => {
      // Whoever gave up wants it as it was: libvirt would go on without us.
      await this.#tell({ uuid, signal: new AbortController().signal }, { command: `domjobabort ${uuid}` })
      throw error
    })
    const { status } = await this.#look(call)
    if (status.state !== 'suspended')
      throw new SystemError(
        `Cannot suspend the machine ${uuid}: its memory could not be written (${words}); it is ${status.state}`,
        { code: 'machine-suspend-failed' },
      )
    await this.#marks.drop(uuid)
  }

  async resume(definition: GuestDefinition, signal: AbortSignal): Promise<void> {
    const call = { ...definition, signal }
    await this.#must(call, { verb: 'resume', states: ['suspended'] })
    await this.#run(call)
  }

  async dump({ path, ...call }: MachineCall & { readonly path: string }): Promise<boolean> {
    const words = await this.#tell(call, {
      command: `dump ${call.uuid} ${shellWord(path)} --memory-only --format elf`,
      timeoutMs: saveTimeoutMs,
    })
    if (words === '') return true
    // It has no process that could have a memory.
    if (words.includes('is not running')) return false
    throw new SystemError(`Cannot write the memory of the machine ${call.uuid}: ${words}`, {
      code: 'machine-dump-failed',
    })
  }

  async state(call: MachineCall): Promise<MachineStatus> {
    return (await this.#look(call)).status
  }

  async ended(call: MachineCall): Promise<MachineStatus> {
    let name: string | undefined
    const listening = await this.#signs.listen(() => name)
    try {
      for (;;) {
        // It listens before it looks: what happens in between is not missed.
        const seen = await this.#quietLook(call)
        if (seen !== undefined && !isUp(seen.status)) return seen.status
        name = seen?.name ?? name
        await listening.heard(call.signal)
        call.signal.throwIfAborted()
      }
    } finally {
      await listening.close()
    }
  }

  /** @returns `undefined` when libvirt does not answer, as one that is being restarted */
  async #quietLook(call: MachineCall): Promise<SeenDomain | undefined> {
    return await this.#look(call).catch((error: unknown) => {
      call.signal.throwIfAborted()
      if (error instanceof SystemError) return undefined
      throw error
    })
  }

  async #must(
    call: MachineCall & { readonly name?: string },
    { verb, states }: { verb: string; states: readonly string[] },
  ): Promise<SeenDomain> {
    const seen = await this.#look(call)
    const { state } = seen.status
    if (!states.includes(state)) throw notInState({ verb, machine: call.name ?? call.uuid, state })
    return seen
  }

  async #run(call: MachineCall & { readonly name: string }): Promise<void> {
    const words = await this.#tell(call, { command: `start ${call.uuid}`, timeoutMs: startTimeoutMs })
    const { isOurs, status } = await this.#look(call)
    if (isUp(status)) return
    // A definition that libvirt cannot start is not to stay there.
    if (isOurs && status.state === 'off') await this.#tell(call, { command: `undefine ${call.uuid}` })
    const why = words.replace(/^Failed to start domain '.*?': /s, '') || 'it ended at once'
    throw new SystemError(`Cannot start the guest "${call.name}": ${why}`, { code: 'machine-start-failed' })
  }

  async #look({ uuid, signal }: MachineCall): Promise<SeenDomain> {
    signal.throwIfAborted()
    const { outputs } = await askVirsh({
      ...this.#needs,
      commands: [
        `domname ${uuid}`,
        `domstate --reason ${uuid}`,
        'list --all --uuid --with-managed-save',
        `metadata ${uuid} --uri ${managedDomainUri}`,
      ],
      signal,
    })
    const [name = '', state = '', saved = '', metadata = ''] = outputs
    const beside = { isSaved: uuidsIn(saved).has(uuid), isKept: await this.#marks.has(uuid) }
    const status = domainStatus(state, beside)
    if (isUp(status)) await this.#marks.put(uuid)
    return { name: name.trim() || undefined, isOurs: metadata.trim() !== '', status }
  }

  /** @returns what virsh complained of */
  async #tell({ signal }: MachineCall, { command, timeoutMs }: Order): Promise<string> {
    const { complaint } = await askVirsh({ ...this.#needs, commands: [command], timeoutMs, signal })
    return complaint
  }
}

function isUp({ state }: MachineStatus): boolean {
  return state === 'running' || state === 'paused'
}
