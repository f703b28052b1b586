/**
 * A test machine: boots an image in QEMU, says when its shell is ready, and takes everything down again.
 *
 * What runs inside and what the ports carry is the test's affair.
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { GuestConsole } from './console.js'
import type { Image } from './image.js'
import { MachineLog } from './machine-log.js'
import { qemuArguments } from './qemu-arguments.js'
import type { Hardware, Port } from './qemu-arguments.js'
import { inheritedSockets, startQemu } from './qemu-process.js'
import type { QemuEnding, QemuProcess } from './qemu-process.js'
import { QmpConnection } from './qmp.js'

/** What a test may say of its machine. */
export interface VmOptions {
  readonly image: Image
  /** Name of the machine, and its host name inside. */
  readonly name: string
  /** Random unless told. */
  readonly uuid?: string
  /** Folder for the ports' sockets; one of the machine's own, deleted with it, unless told. */
  readonly dir?: string
  /** Negotiator's two unless told; `socketPath` is `NAME.sock` in the folder unless told. */
  readonly ports?: readonly { readonly name: string; readonly socketPath?: string }[]
  /** 768 unless told, 384 at least. */
  readonly memoryMb?: number
  readonly cpus?: number
  /** Emulation unless told: it works everywhere. */
  readonly accelerator?: Hardware['accelerator']
  /** More arguments for QEMU, such as a monitor for the host's daemon. */
  readonly extraArgs?: readonly string[]
}

const negotiatorPorts = [{ name: 'negotiator-host-to-guest.0' }, { name: 'negotiator-guest-to-host.0' }]

// Linux gives an unpacked image half of the memory at most, so below 384 programs are cut off. More than that
// costs nothing as long as the guest leaves it alone.
const defaultMemoryMb = 768
// A boot takes 5 s on an idle machine, but test machines share theirs with each other.
const bootTimeoutMs = 90_000
const powerOffTimeoutMs = 30_000
const logLinesShown = 40

/**
 * Starts a machine. When this returns it is on and its ports can be connected to; it has not booted yet.
 *
 * @throws Error with QEMU's own words when it refuses
 */
export async function startVm(options: VmOptions): Promise<Vm> {
  const {
    image,
    name,
    uuid = randomUUID(),
    memoryMb = defaultMemoryMb,
    cpus = 2,
    accelerator = 'tcg',
    extraArgs = [],
  } = options
  const ownDir = options.dir === undefined ? await mkdtemp(join(tmpdir(), 'negotiator-vm-')) : undefined
  const dir = options.dir ?? ownDir ?? tmpdir()
  const ports = (options.ports ?? negotiatorPorts).map((port) => ({
    socketPath: join(dir, `${port.name}.sock`),
    ...port,
  }))
  const leftBehind = [...ports.map(({ socketPath }) => socketPath), ...(ownDir === undefined ? [] : [ownDir])]
  try {
    const hardware: Hardware = { image, name, uuid, memoryMb, cpus, accelerator, ports, extraArgs }
    const qemu = await startQemu({ qemu: image.qemu, args: qemuArguments(hardware, inheritedSockets) })
    const monitor = new QmpConnection(qemu.monitor)
    // By the time QEMU answers it has opened every socket.
    await monitor.open().catch((cause: unknown) => endWithReason(name, qemu, cause))
    return new Vm({ name, uuid, ports, qemu, monitor, leftBehind })
  } catch (error) {
    await deleteAll(leftBehind)
    throw error
  }
}

async function endWithReason(name: string, qemu: QemuProcess, cause: unknown): Promise<never> {
  const { stderr } = await qemu.kill()
  throw new Error(`Cannot start machine "${name}": ${stderr}`, { cause })
}

async function deleteAll(paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { recursive: true, force: true })
}

interface VmParts {
  readonly name: string
  readonly uuid: string
  readonly ports: readonly Port[]
  readonly qemu: QemuProcess
  readonly monitor: QmpConnection
  /** Files and folders to delete in the end. */
  readonly leftBehind: readonly string[]
}

/** A machine that `startVm` has switched on. */
export class Vm {
  readonly name: string
  readonly uuid: string
  readonly ports: readonly Port[]
  /** Runs commands inside. */
  readonly console: GuestConsole
  /** QEMU's monitor, for events and for what has no method here. */
  readonly monitor: QmpConnection
  /** What the kernel and the start script print: show it when a test fails. */
  readonly log: MachineLog
  readonly #qemu: QemuProcess
  readonly #leftBehind: readonly string[]
  #closing: Promise<void> | undefined

  constructor({ name, uuid, ports, qemu, monitor, leftBehind }: VmParts) {
    this.name = name
    this.uuid = uuid
    this.ports = ports
    this.#qemu = qemu
    this.#leftBehind = leftBehind
    this.console = new GuestConsole(qemu.console)
    this.log = new MachineLog(qemu.log)
    this.monitor = monitor
  }

  /** QEMU's process id. */
  get pid(): number {
    return this.#qemu.pid
  }

  /** Resolves when QEMU is gone, whatever ended it. */
  get ended(): Promise<QemuEnding> {
    return this.#qemu.ended
  }

  /**
   * @returns where to connect to a port
   * @throws Error when the machine has no port of that name
   */
  socketPath(portName: string): string {
    const port = this.ports.find(({ name }) => name === portName)
    if (port === undefined)
      throw new Error(`Cannot find port "${portName}" of machine "${this.name}": it has no such port`)
    return port.socketPath
  }

  /** Waits for the first shell; at once when it is there. */
  async waitBooted({ timeoutMs = bootTimeoutMs }: { timeoutMs?: number } = {}): Promise<void> {
    await this.#boot({ from: 0, timeoutMs, booted: this.console.booted(undefined) })
  }

  /** Restarts the guest without warning any of its programs, and waits for the next shell. */
  async reboot({ timeoutMs = bootTimeoutMs }: { timeoutMs?: number } = {}): Promise<void> {
    const booted = this.console.booted(this.console.bootId)
    const from = this.log.end
    this.console.post('reboot -f')
    await this.#boot({ from, timeoutMs, booted })
  }

  /** Stops time for the guest. */
  async pause(): Promise<void> {
    await this.qmp('stop')
  }

  /** Lets time go on after `pause`. */
  async resume(): Promise<void> {
    await this.qmp('cont')
  }

  /** Executes one command of QEMU's monitor. */
  async qmp(command: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    return await this.monitor.execute(command, args)
  }

  /** Lets the guest switch itself off; `close` is still due. */
  async powerOff(): Promise<void> {
    this.console.post('poweroff -f')
    await this.#race('switch off', powerOffTimeoutMs, () => [this.ended.then(() => undefined)])
  }

  /** Ends QEMU at once, as a power cut would; `close` is still due. */
  async kill(): Promise<void> {
    await this.#qemu.kill()
  }

  /** Ends the machine and deletes its sockets; harmless when done twice. */
  async close(): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<void> {
    await this.kill()
    await deleteAll(this.#leftBehind)
  }

  async #boot({
    from,
    timeoutMs,
    booted,
  }: {
    from: number
    timeoutMs: number
    booted: Promise<string>
  }): Promise<void> {
    await this.#race('boot', timeoutMs, (signal) => [
      booted.then(() => undefined),
      this.ended.then(({ stderr }) => `QEMU ended. ${stderr}`),
      this.log.waitFor(/Kernel panic.*/, { from, signal }),
    ])
  }

  /** Waits for the first of several outcomes; a text among them says what went wrong. */
  async #race(
    what: string,
    timeoutMs: number,
    outcomes: (signal: AbortSignal) => Promise<string | undefined>[],
  ): Promise<void> {
    const over = new AbortController()
    try {
      const late = setTimeout(timeoutMs, `it took more than ${timeoutMs} ms`, { signal: over.signal })
      const trouble = await Promise.race([...outcomes(over.signal), late])
      if (trouble === undefined) return
      throw new Error(
        `Cannot ${what} machine "${this.name}": ${trouble}; its log ends:\n${this.log.tail(logLinesShown)}`,
      )
    } finally {
      over.abort()
    }
  }
}
