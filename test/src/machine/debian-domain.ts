/**
 * A Debian machine as a domain of libvirt: writes its XML, as somebody who has such a guest would find it, and reaches
 * its shell. Defining and starting it is the test's affair.
 */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { execa } from 'execa'
import { GuestConsole } from './console.js'
import { debianMemoryMb, makeDebianDisks } from './debian-disks.js'
import { diskXml, domainXml } from './domain-definition.js'
import type { ImageFile } from './image-contents.js'
import { ensurePrerequisites } from './prerequisites.js'

interface DebianDomainOptions {
  readonly name: string
  readonly uuid: string
  /** On the second disk, in `/media`. */
  readonly files: readonly ImageFile[]
  /** Empty, and the test's own; disks and sockets lie there. */
  readonly folder: string
  readonly log: (line: string) => void
}

/** A Debian machine that has been described. */
export class DebianDomain {
  readonly xml: string
  readonly #consolePath: string
  readonly #logPath: string
  #line: Socket | undefined

  private constructor({ xml, consolePath, logPath }: { xml: string; consolePath: string; logPath: string }) {
    this.xml = xml
    this.#consolePath = consolePath
    this.#logPath = logPath
  }

  /** Makes the disks. */
  static async prepare({ name, uuid, files, folder, log }: DebianDomainOptions): Promise<DebianDomain> {
    const prerequisites = await ensurePrerequisites({ install: true, log })
    const { image, root, stick } = await makeDebianDisks({ prerequisites, files, folder, log })
    const disk = join(folder, 'disk.ext4')
    await execa('cp', ['--sparse=always', root, disk])
    const [logPath, consolePath] = [join(folder, 'log'), join(folder, 'console')]
    const xml = domainXml({
      name,
      uuid,
      memoryMb: debianMemoryMb,
      devices:
        diskXml({ path: disk, device: 'vda' }) + diskXml({ path: stick, device: 'vdb', isReadOnly: true }),
      boot: { ...image, hostName: name, logPath, consolePath },
    })
    return new DebianDomain({ xml, consolePath, logPath })
  }

  /** Waits for the shell of the machine, which has just been started. */
  async booted({ timeoutMs }: { readonly timeoutMs: number }): Promise<GuestConsole> {
    const signal = AbortSignal.timeout(timeoutMs)
    const line = connect(this.#consolePath)
    this.#line = line
    await once(line, 'connect', { signal })
    const console = new GuestConsole(line)
    const late = once(signal, 'abort').then(async () => {
      throw new Error(`The machine did not boot within ${timeoutMs} ms; its log ends:\n${await this.log()}`)
    })
    await Promise.race([console.booted(undefined), late])
    return console
  }

  /** Leaves the shell; the machine is its libvirt's. */
  close(): void {
    this.#line?.destroy()
  }

  /** The end of what the kernel and the system's log have printed: show it when a test fails. */
  async log(): Promise<string> {
    return (await readFile(this.#logPath, 'utf8').catch(() => '')).slice(-6_000)
  }
}
