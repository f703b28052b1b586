/**
 * Marks of machines that were seen running and not let go since.
 * libvirt remembers how a domain ended, and does not know whether that has been dealt with; the mark does. It is gone after a reboot,
 * as is what libvirt remembers.
 */
import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The folder of the marks. */
export function marksFolder(runFolder: string): string {
  return join(runFolder, 'libvirt-machines')
}

/** The marks in one folder. */
export class RunMarks {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async has(uuid: string): Promise<boolean> {
    return await stat(join(this.#folder, uuid)).then(
      () => true,
      () => false,
    )
  }

  async put(uuid: string): Promise<void> {
    if (await this.has(uuid)) return
    await mkdir(this.#folder, { recursive: true, mode: 0o755 })
    await writeFile(join(this.#folder, uuid), '', { mode: 0o600 })
  }

  async drop(uuid: string): Promise<void> {
    await rm(join(this.#folder, uuid), { force: true })
  }
}
