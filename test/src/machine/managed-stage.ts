/**
 * A host whose daemon runs machines itself: definitions of small guests, and a look at their processes.
 */
import { mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pass } from 'node:timers/promises'
import type { Test } from 'tap'
import { HostProgram } from './host-program.js'
import type { Image } from './image.js'
import type { ImageFile } from './image-contents.js'
import { buildNegotiatorImage } from './negotiator-image.js'
import { ensurePrerequisites } from './prerequisites.js'
import { kernelOptions } from './qemu-arguments.js'
import { tellOnFailure } from './tell-on-failure.js'

const lookAgainMs = 200

/** The host of such a story. */
export class ManagedStage {
  readonly host: HostProgram
  readonly #image: Image
  readonly #uuids = new Map<string, string>()

  private constructor(host: HostProgram, image: Image) {
    this.host = host
    this.#image = image
  }

  /** Sets it; all machines are ended with the test. */
  static async set(t: Test, files: readonly ImageFile[]): Promise<ManagedStage> {
    const root = await mkdtemp(join(tmpdir(), 'ng-'))
    t.teardown(async () => await rm(root, { recursive: true, force: true }))
    const prerequisites = await ensurePrerequisites({ install: true, log: (line) => t.comment(line) })
    const image = await buildNegotiatorImage({ prerequisites, files, modules: ['pvpanic_mmio'] })
    // Other machines may run beside ours; they are not ours to call.
    const drivers = 'drivers = ["qemu:managed-*"]'
    const host = await HostProgram.start({ root, config: [drivers] })
    const stage = new ManagedStage(host, image)
    t.teardown(async () => await stage.#close())
    tellOnFailure(t, () => host.log)
    return stage
  }

  /** Defines a guest that boots the image. @param more lines of its definition */
  async define(name: string, more = ''): Promise<void> {
    const { kernel, initramfs } = this.#image
    const args = `${kernelOptions} panic=0 negotiator.hostname=${name} negotiator.ports=2`
    const text = `name = "${name}"
memory = "768MiB"
vcpus = 2
kernel = ${inline({ path: kernel, initrd: initramfs, args })}
qemu_options = ["-machine", "q35,accel=tcg", "-cpu", "max,erms=off", "-serial", "null", "-serial", "null"]
${more}`
    const { status, stderr, stdout } = await this.host.cli(['guest', 'define', '-'], { input: text })
    if (status !== 0) throw new Error(stderr)
    this.#uuids.set(name, / ([0-9a-f-]{36}),/.exec(stdout)?.[1] ?? '')
  }

  /** The process of a guest's machine; `undefined` when it has none. */
  async processOf(name: string): Promise<number | undefined> {
    const uuid = this.#uuids.get(name) ?? ''
    const ids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))
    for (const id of ids) {
      const words = (await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')).split('\0')
      if (words[0]?.includes('qemu') === true && words.includes(uuid)) return Number(id)
    }
    return undefined
  }

  /** Waits for what nobody tells. */
  async until(isSo: () => Promise<boolean>): Promise<void> {
    while (!(await isSo())) await pass(lookAgainMs)
  }

  /** Whether a guest that was set aside has its memory as a debugger reads it. */
  async isElfCore(uuid: string): Promise<boolean> {
    const file = await open(join(this.host.root, 'var/lib/negotiator/guests', uuid, 'memory.core'))
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0)
    await file.close()
    return buffer.toString('latin1') === '\x7fELF'
  }

  async #close(): Promise<void> {
    await this.host.stop()
    for (const name of this.#uuids.keys()) {
      const id = await this.processOf(name)
      if (id !== undefined) process.kill(id, 'SIGKILL')
    }
  }
}

function inline(table: Readonly<Record<string, string>>): string {
  return `{ ${Object.entries(table)
    .map(([key, value]) => `${key} = ${JSON.stringify(value)}`)
    .join(', ')} }`
}
