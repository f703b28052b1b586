/**
 * The floor: what the virtual machine can do without Negotiator, on a port of its own, with a small C program behind it.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import type { ImageFile } from '../machine/image-contents.js'
import { mebibytesPerSecond, PortEnd, portWriteBytes } from './port-end.js'

/** The port's name, and its device in the guest. */
export const rawPortName = 'echo.0'
export const rawPortDevice: string = `/dev/virtio-ports/${rawPortName}`

/** Where the program lies in the guest. */
export const rawProgramPath = '/usr/bin/raw-port'

// Not compiled by tsc, so they are where they were written.
const sources = join(import.meta.dirname, '../../src/bench')
const finished = 'done\n'

/** The program behind the port. */
export interface RawProgram {
  readonly file: ImageFile
  /** For the reader of the figures. */
  readonly remark: string
}

/** Compiles the program, or takes the shell script where that is not possible. */
export async function buildRawProgram(): Promise<RawProgram> {
  const folder = await mkdtemp(join(tmpdir(), 'ng-raw-'))
  try {
    const program = join(folder, 'raw-port')
    await execa('cc', ['-O2', '-static', '-o', program, join(sources, 'raw-port.c')])
    const file = { to: rawProgramPath, content: await readFile(program), mode: 0o755 }
    return { file, remark: 'a static C program, blocking reads and writes' }
  } catch {
    // No compiler, or no static C library: the remark says so, beside the figures.
    const file = { to: rawProgramPath, content: await readFile(join(sources, 'raw-port.sh')), mode: 0o755 }
    return { file, remark: 'a shell script around dd, for no C program could be compiled: no fair floor' }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The program as the host commands it; one command at a time. */
export class RawPort {
  readonly #end: PortEnd

  private constructor(end: PortEnd) {
    this.#end = end
  }

  static async connect(path: string): Promise<RawPort> {
    return new RawPort(await PortEnd.connect(path))
  }

  close(): void {
    this.#end.close()
  }

  /** @returns milliseconds of each round trip of 64 bytes */
  async roundTrips(count: number): Promise<readonly number[]> {
    this.#end.send(`echo 64 ${count}\n`)
    return await this.#end.roundTrips(count)
  }

  /** @returns MiB/s there while as many come back */
  async echo(byteCount: number): Promise<number> {
    this.#command('echo', byteCount)
    return await this.#end.echoed(byteCount)
  }

  /** @returns MiB/s from guest to host */
  async source(byteCount: number): Promise<number> {
    this.#command('source', byteCount)
    return await this.#end.received(byteCount)
  }

  /** @returns MiB/s from host to guest */
  async sink(byteCount: number): Promise<number> {
    this.#command('sink', byteCount)
    return await mebibytesPerSecond(byteCount, async () => await this.#sendAll(byteCount))
  }

  /** @returns MiB/s of a command's output; `path` is given the number of bytes, which it must print */
  async output(path: string, byteCount: number): Promise<number> {
    this.#end.send(`output ${byteCount} ${path}\n`)
    return await this.#end.received(byteCount)
  }

  /** @returns MiB/s of a command's input; it must say a line before it reads */
  async input(path: string, byteCount: number): Promise<number> {
    this.#end.send(`input ${byteCount} ${path}\n`)
    await this.#end.receiveText('ready\n')
    return await mebibytesPerSecond(byteCount, async () => await this.#sendAll(byteCount))
  }

  /** @returns milliseconds of each run of a program in the guest, as the guest's own clock has it */
  async spawn(path: string, count: number): Promise<readonly number[]> {
    this.#end.send(`spawn ${count} ${path}\n`)
    const lines = (await this.#end.receiveText(finished)).split('\n').slice(0, -2)
    if (lines.length === 0) throw new Error(`Cannot run ${path} in the guest: it fails`)
    return lines.map((line) => Number(line) / 1000)
  }

  #command(name: string, byteCount: number): void {
    this.#end.send(`${name} ${portWriteBytes} ${byteCount / portWriteBytes}\n`)
  }

  async #sendAll(byteCount: number): Promise<void> {
    const answered = this.#end.receiveText(finished)
    await Promise.all([this.#end.sendBlocks(byteCount / portWriteBytes), answered])
  }
}
