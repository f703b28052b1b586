/**
 * Guests as running QEMU processes, started by whomever: their command lines name them and their channels. Of those that we started
 * ourselves more is known.
 */
import type { Clock, Log } from '@negotiator/common'
import { inheritedSocketReason, parseUuid, sentenceOf } from '@negotiator/common'
import { ChangeWatch } from '../change-watch.js'
import type { Driver, FoundGuest } from '../driver.js'
import type { ManagedName } from '../kind.js'
import { ownMachine } from './own-machine.js'
import type { OwnMachine } from './own-machine.js'
import { QemuProcesses } from './qemu-processes.js'
import type { QemuProcess } from './qemu-processes.js'
import { askQemu } from './qmp.js'
import { trustedUsers } from './trusted-users.js'

interface QemuDriverOptions {
  /** Only guests of these names, `*` standing for any characters; the others are left alone. All unless given. */
  readonly names?: string | undefined
  /** libvirt is asked, too: it tells where the sockets of its machines are, which their command lines do not. */
  readonly isLibvirtAsked?: boolean
  readonly managedName?: ManagedName | undefined
  readonly clock: Clock
  readonly log: Log
  /** Where processes are seen; tests give their own. */
  readonly procFolder?: string
}

/** A driver of running QEMU processes. */
export interface QemuDriver extends Driver {
  /** Lets all who watch know at once what the next look would tell them, for who knows that a QEMU has come or gone. */
  lookNow(): Promise<void>
}

/**
 * The kernel tells nobody without privileges of a new process, and a folder watch on /proc sees nothing: so processes are
 * looked at so often. A person who starts a machine does not wait for us, it boots longer than this.
 */
const lookAgainMs = 2_000

/** QEMU answers within milliseconds, unless somebody else has its monitor. */
const monitorTimeoutMs = 1_000

/** A QEMU that was found while it started opens its monitor before the next look; one that is in use stays in use. */
const askCountMax = 3

/** Makes the driver of running QEMU processes. */
export function createQemuDriver(options: QemuDriverOptions): QemuDriver {
  return new RunningQemus(options)
}

interface SeenProcess extends QemuProcess {
  /** Of one that we started. It changes while the process stays the same. */
  readonly own: OwnMachine | undefined
}

interface KnownGuest {
  readonly guest: FoundGuest
  /** How often its monitor was asked in vain, and is asked again. */
  readonly askCount: number
}

interface Identity {
  readonly name?: string | undefined
  readonly uuid?: string | undefined
}

class RunningQemus implements QemuDriver {
  readonly name: string
  readonly #clock: Clock
  readonly #log: Log
  readonly #processes: QemuProcesses
  readonly #names: RegExp
  readonly #isLibvirtAsked: boolean
  readonly #managedName: ManagedName | undefined
  readonly #watches = new Set<ChangeWatch>()
  /** By process key. A process stays what it was found to be. */
  #known: ReadonlyMap<string, KnownGuest> = new Map()
  /** Keys of processes that were told of. */
  readonly #untrusted = new Set<string>()

  constructor(options: QemuDriverOptions) {
    const { names, isLibvirtAsked = false, managedName, clock, log, procFolder = '/proc' } = options
    this.name = names === undefined ? 'qemu' : `qemu:${names}`
    this.#names = patternOf(names ?? '*')
    this.#isLibvirtAsked = isLibvirtAsked
    this.#managedName = managedName
    this.#clock = clock
    this.#log = log
    this.#processes = new QemuProcesses(procFolder)
  }

  async list(signal: AbortSignal): Promise<readonly FoundGuest[]> {
    signal.throwIfAborted()
    const processes = await this.#look()
    const users = await trustedUsers()
    if (processes instanceof Error) {
      this.#noteListed(stateOf(processes))
      throw processes
    }
    const known = new Map<string, KnownGuest>()
    const guests: FoundGuest[] = []
    for (const process of processes) {
      if (!users.has(process.userId)) {
        this.#tellUntrusted(process)
        continue
      }
      const recognised = await this.#recognise(process, signal)
      known.set(process.key, recognised)
      guests.push(guestNow(recognised.guest, process.own))
    }
    signal.throwIfAborted()
    this.#known = known
    // Who has to be asked again makes the next look a change.
    const isUnsure = [...known.values()].some(({ askCount }) => isAskedAgain(askCount))
    this.#noteListed(isUnsure ? '' : stateOf(processes))
    return guests.filter(({ name }) => this.#names.test(name))
  }

  async watch(onChange: () => void): Promise<() => Promise<void>> {
    const look = async (): Promise<string> => stateOf(await this.#look())
    const watch = new ChangeWatch({ look, onChange, intervalMs: lookAgainMs, clock: this.#clock })
    this.#watches.add(watch)
    await watch.start()
    return async () => {
      this.#watches.delete(watch)
      await watch.close()
    }
  }

  async lookNow(): Promise<void> {
    await Promise.all([...this.#watches].map(async (watch) => await watch.lookNow()))
  }

  #noteListed(state: string): void {
    for (const watch of this.#watches) watch.noteListed(state)
  }

  async #look(): Promise<readonly SeenProcess[] | Error> {
    try {
      const processes = await this.#processes.look()
      return await Promise.all(
        processes.map(async (process) => ({ ...process, own: await ownMachine(process, this.#managedName) })),
      )
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  }

  async #recognise(process: QemuProcess, signal: AbortSignal): Promise<KnownGuest> {
    const known = this.#known.get(process.key)
    if (known !== undefined && !isAskedAgain(known.askCount)) return known
    if (known === undefined) this.#tellUnreachable(process)
    const { name, uuid, sockets, monitor } = process.machine
    const isNameless = name === undefined && uuid === undefined && monitor !== undefined
    const asked = isNameless ? await this.#ask(monitor, signal) : {}
    const guest = {
      name: name ?? asked?.name ?? nameOf(process),
      uuid: uuid ?? asked?.uuid,
      state: 'running' as const,
      sockets,
    }
    return { guest, askCount: asked === undefined ? (known?.askCount ?? 0) + 1 : 0 }
  }

  /** @returns `undefined` when the monitor did not answer */
  async #ask(path: string, signal: AbortSignal): Promise<Identity | undefined> {
    const question = { path, commands: ['query-name', 'query-uuid'], timeoutMs: monitorTimeoutMs }
    try {
      const [name, uuid] = await askQemu({ ...question, clock: this.#clock, signal })
      return { name: textField(name, 'name'), uuid: parseUuid(textField(uuid, 'UUID') ?? '') }
    } catch (error) {
      this.#log.debug('A monitor did not say who its machine is', { reason: sentenceOf(error) })
      return undefined
    }
  }

  #tellUntrusted({ id, key, userId }: QemuProcess): void {
    if (this.#untrusted.has(key)) return
    this.#untrusted.add(key)
    this.#log.warn("A QEMU process is left alone, for its user is neither root nor ours nor libvirt's", {
      id,
      userId,
    })
  }

  #tellUnreachable(process: QemuProcess): void {
    const guest = process.machine.name ?? nameOf(process)
    if (!this.#names.test(guest)) return
    for (const [channel, reason] of Object.entries(process.machine.unreachable)) {
      if (this.#isLibvirtAsked && reason === inheritedSocketReason) continue
      this.#log.warn('A channel of a guest cannot be used', { guest, channel, reason })
    }
  }
}

/** What a change is told by. */
function stateOf(processes: readonly SeenProcess[] | Error): string {
  return processes instanceof Error
    ? processes.message
    : JSON.stringify(processes.map(({ key, own }) => [key, own]))
}

/** One that has ended by itself is off: its process is kept only for how it ended. */
function guestNow(guest: FoundGuest, own: OwnMachine | undefined): FoundGuest {
  if (own === undefined) return guest
  const named = { ...guest, name: own.name ?? guest.name }
  return own.hasEnded ? { ...named, state: 'off', sockets: {} } : named
}

function isAskedAgain(askCount: number): boolean {
  return askCount > 0 && askCount < askCountMax
}

/** Of a guest that has no name, or none that we know. */
function nameOf({ id }: QemuProcess): string {
  return `qemu-${id}`
}

function patternOf(names: string): RegExp {
  const parts = names.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's')
}

function textField(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const field: unknown = new Map<string, unknown>(Object.entries(value)).get(name)
  return typeof field === 'string' && field !== '' ? field : undefined
}
