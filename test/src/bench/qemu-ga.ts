/**
 * The rival: the QEMU guest agent as Debian packages it, in the same guest, on a port of its own.
 *
 * It is unpacked for the guest's image and never runs on this machine. One question at a time, as all its users ask.
 */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { unpackPackage } from '../machine/debian.js'
import type { ImageFile } from '../machine/image-contents.js'
import { timesOf } from './times-of.js'
import { PortEnd } from './port-end.js'

/** The port that it looks for. */
export const qemuGaPortName = 'org.qemu.guest_agent.0'

const programPath = '/usr/sbin/qemu-ga'

/** What starts it in the guest. */
export const qemuGaCommandLine: string = [
  programPath,
  ...['-m', 'virtio-serial', '-p', `/dev/virtio-ports/${qemuGaPortName}`],
  ...['-t', '/run', '-f', '/run/qemu-ga.pid'],
].join(' ')

/**
 * Fetches the package once and keeps it.
 * @throws Error saying what to do when apt cannot bring it
 */
export async function qemuGaFile(cacheDir: string): Promise<ImageFile> {
  const folder = join(cacheDir, 'qemu-guest-agent')
  const program = join(folder, programPath)
  const isThere = await access(program).then(
    () => true,
    () => false,
  )
  if (!isThere) await fetchPackage(folder)
  // Its libraries are among those that QEMU needs, so this machine has them.
  return { from: program, to: programPath }
}

async function fetchPackage(folder: string): Promise<void> {
  try {
    await unpackPackage({ name: 'qemu-guest-agent', folder })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(
      `Cannot fetch the package qemu-guest-agent: ${reason}; type: sudo apt-get update, and try again`,
      { cause },
    )
  }
}

/** The agent as a host asks it. */
export class QemuGa {
  readonly #end: PortEnd

  private constructor(end: PortEnd) {
    this.#end = end
  }

  static async connect(path: string): Promise<QemuGa> {
    return new QemuGa(await PortEnd.connect(path))
  }

  close(): void {
    this.#end.close()
  }

  /** @returns milliseconds of each `guest-ping` */
  async pings(count: number): Promise<readonly number[]> {
    return await timesOf(count, async () => {
      await this.#ask('guest-ping')
      return 0
    })
  }

  /**
   * Runs a program so often, and asks for its status until it has ended: there is no other way to learn of its end. We ask
   * again at once, which no other caller can beat; most wait a while in between.
   *
   * @returns milliseconds of each until its output was here
   */
  async runs(count: number, { path, output }: { path: string; output: string }): Promise<readonly number[]> {
    return await timesOf(count, async () => {
      const printed = await this.#run(path)
      if (printed === output) return 0
      throw new Error(`Cannot measure guest-exec: ${path} printed ${JSON.stringify(printed)}`)
    })
  }

  async #run(path: string): Promise<string> {
    const started = await this.#ask('guest-exec', { path, 'capture-output': true })
    for (;;) {
      const status = await this.#ask('guest-exec-status', { pid: started['pid'] })
      if (status['exited'] === true) return Buffer.from(String(status['out-data']), 'base64').toString()
    }
  }

  async #ask(execute: string, given: object = {}): Promise<Readonly<Record<string, unknown>>> {
    const answered = this.#end.receiveText('\n')
    this.#end.send(`${JSON.stringify({ execute, arguments: given })}\n`)
    const answer = JSON.parse(await answered) as { readonly return?: Readonly<Record<string, unknown>> }
    if (answer.return === undefined)
      throw new Error(`Cannot ask qemu-ga for ${execute}: ${JSON.stringify(answer)}`)
    return answer.return
  }
}
