/**
 * What a Debian machine boots from: kernel and initramfs, the system's disk, and a second disk with what a test brings
 * along, as on a stick that is plugged in.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { buildDebianRoot } from './debian-root.js'
import { bootFiles, bootModules } from './debian-system.js'
import { placeFiles, writeDisk } from './disk.js'
import { buildInitramfs } from './image.js'
import type { Image } from './image.js'
import type { ImageFile } from './image-contents.js'
import type { Prerequisites } from './prerequisites.js'

/** In MB: Python and Node side by side. */
export const debianMemoryMb = 1024
const stickMb = 512

interface DebianDisksOptions {
  readonly prerequisites: Prerequisites
  /** On the second disk, in `/media`, for root to read. */
  readonly files: readonly ImageFile[]
  /** A folder of the test's own, for the second disk. */
  readonly folder: string
  readonly log: (line: string) => void
}

/** Paths; the disks are raw, and must be attached in this order, as virtio. */
export interface DebianDisks {
  readonly image: Image
  /** Shared with others: what a machine writes must go elsewhere. */
  readonly root: string
  readonly stick: string
}

/** Builds them, or finds in the cache what is kept there. */
export async function makeDebianDisks({
  prerequisites,
  files,
  folder,
  log,
}: DebianDisksOptions): Promise<DebianDisks> {
  const root = await buildDebianRoot({ prerequisites, log })
  const image = await buildInitramfs({ prerequisites, modules: bootModules, files: bootFiles })
  const contents = join(folder, 'contents')
  await mkdir(contents)
  await placeFiles({ folder: contents, files })
  const stick = join(folder, 'stick.ext4')
  await writeDisk({ folder: contents, path: stick, sizeMb: stickMb })
  return { image, root, stick }
}
