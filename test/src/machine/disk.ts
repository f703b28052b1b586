/**
 * Writes folders into disk images, without mounting anything.
 *
 * An image is an ext4 file system with nothing around it, as a guest mounts `/dev/vda`. It is sparse: what is free
 * costs nothing here.
 */
import { randomUUID } from 'node:crypto'
import { chmod, mkdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { imageEntries } from './image-contents.js'
import type { ImageFile } from './image-contents.js'
import { ensureInstalled } from './prerequisites.js'

const diskMaker = { program: 'mke2fs', package: 'e2fsprogs' }

/**
 * Puts files below a folder of this machine, as they shall be in a guest.
 *
 * @param options.folder the guest's root; what is there and not replaced stays
 */
export async function placeFiles({
  folder,
  files,
}: {
  readonly folder: string
  readonly files: readonly ImageFile[]
}): Promise<void> {
  for (const entry of await imageEntries(files)) {
    const path = join(folder, entry.path)
    if (entry.kind === 'folder') {
      await mkdir(path, { recursive: true, mode: entry.mode })
      continue
    }
    await rm(path, { force: true })
    if (entry.kind === 'link') {
      await symlink(entry.target, path)
      continue
    }
    await writeFile(path, entry.content)
    // Whatever the umask is.
    await chmod(path, entry.mode)
  }
}

/**
 * Makes a disk image of a folder.
 *
 * @param options.path of the image; it appears there whole or not at all
 */
export async function writeDisk({
  folder,
  path,
  sizeMb,
}: {
  readonly folder: string
  readonly path: string
  readonly sizeMb: number
}): Promise<void> {
  const [mke2fs = ''] = await ensureInstalled([diskMaker], { install: true, log: console.log })
  const partial = `${path}.${randomUUID()}`
  try {
    await writeFile(partial, '')
    await truncate(partial, sizeMb * 1024 * 1024)
    // No journal: a test's disk is thrown away, never repaired.
    const options = ['-q', '-F', '-t', 'ext4', '-O', '^has_journal', '-m', '0']
    await execa(mke2fs, [...options, '-d', folder, partial])
    await rename(partial, path)
  } finally {
    await rm(partial, { force: true })
  }
}
