/**
 * Guests as running QEMU processes, started by whomever: their command lines name them and their channels.
 */
import type { Clock, Log, Timer } from '@negotiator/common'
import { sentenceOf } from '@negotiator/common'
import type { Driver, FoundGuest } from '../driver.js'
import { qemuProcesses } from './qemu-processes.js'
import type { QemuProcess } from './qemu-processes.js'
import { askQemu } from './qmp.js'

interface QemuDriverOptions {
  /** Only guests of these names, `*` standing for any characters; the others are left alone. */
  readonly names: string
  readonly clock: Clock
  readonly log: Log
  /** Where processes are seen; tests give their own. */
  readonly procFolder?: string
}

/** The kernel tells nobody without privileges of a new process, so they are looked at so often; a look costs some milliseconds. */
const lookAgainMs = 2_000

const monitorTimeoutMs = 2_000

export function createQemuDriver(options: QemuDriverOptions): Driver {
  const driver = new QemuDriver(options)
  return {
    name: options.names === '*' ? 'qemu' : `qemu:${options.names}`,
    list: async () => await driver.list(),
    watch: async (onChange) => await driver.watch(onChange),
  }
}

class QemuDriver {
  readonly #clock: Clock
  readonly #log: Log
  readonly #procFolder: string
  readonly #names: RegExp
  /** What processes were found to be: a monitor is asked once in a process's life. */
  #known = new Map<string, FoundGuest>()

  constructor({ names, clock, log, procFolder = '/proc' }: QemuDriverOptions) {
    this.#names = patternOf(names)
    this.#clock = clock
    this.#log = log
    this.#procFolder = procFolder
  }

  async list(): Promise<readonly FoundGuest[]> {
    const known = new Map<string, FoundGuest>()
    for (const process of await qemuProcesses(this.#procFolder)) {
      known.set(process.key, this.#known.get(process.key) ?? (await this.#guestOf(process)))
    }
    this.#known = known
    return [...known.values()].filter(({ name }) => this.#names.test(name))
  }

  async watch(onChange: () => void): Promise<() => Promise<void>> {
    let timer: Timer | undefined
    let isStopped = false
    let keys = await this.#keys()
    const look = async (): Promise<void> => {
      const now = await this.#keys()
      if (isStopped) return
      if (now !== keys) onChange()
      keys = now
      lookLater()
    }
    const lookLater = (): void => {
      timer = this.#clock.setTimer(lookAgainMs, () => void look())
    }
    lookLater()
    return async () => {
      isStopped = true
      timer?.cancel()
      await Promise.resolve()
    }
  }

  async #keys(): Promise<string> {
    const processes = await qemuProcesses(this.#procFolder).catch(() => []) // `list` tells of this trouble.
    return processes.map(({ key }) => key).join(' ')
  }

  async #guestOf({ id, machine }: QemuProcess): Promise<FoundGuest> {
    const { sockets, monitor } = machine
    const isNamed = machine.name !== undefined && machine.uuid !== undefined
    const asked = isNamed || monitor === undefined ? {} : await this.#ask(monitor)
    return { name: machine.name ?? asked.name ?? `qemu-${id}`, uuid: machine.uuid ?? asked.uuid, sockets }
  }

  async #ask(path: string): Promise<{ readonly name?: string | undefined; readonly uuid?: string | undefined }> {
    try {
      const [name, uuid] = await askQemu({ path, commands: ['query-name', 'query-uuid'], timeoutMs: monitorTimeoutMs })
      return { name: textField(name, 'name'), uuid: knownUuid(textField(uuid, 'UUID')) }
    } catch (error) {
      this.#log.debug('A monitor did not say who its machine is', { reason: sentenceOf(error) })
      return {}
    }
  }
}

function patternOf(names: string): RegExp {
  const parts = names.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's')
}

/** QEMU says this of a machine that was given none. */
function knownUuid(uuid: string | undefined): string | undefined {
  return uuid === '00000000-0000-0000-0000-000000000000' ? undefined : uuid?.toLowerCase()
}

function textField(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const field = Object.entries(value).find(([key]) => key === name)?.[1] as unknown
  return typeof field === 'string' && field !== '' ? field : undefined
}
