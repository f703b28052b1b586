/**
 * Builds the image that a test machine boots: one initramfs with busybox, Node, kernel modules and what the
 * test wants in it.
 *
 * An image is named by the hash of its contents and written once, so that test files side by side share it. It
 * appears under its name whole or not at all.
 */
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { execa } from 'execa'
import { archive } from './cpio.js'
import type { ArchiveEntry } from './cpio.js'
import { guestSystem } from './guest-system.js'
import { imageEntries } from './image-contents.js'
import type { ImageFile } from './image-contents.js'
import { modulesInLoadOrder } from './modules.js'
import type { Prerequisites } from './prerequisites.js'

/** What it takes to boot a machine. */
export interface Image {
  readonly qemu: string
  readonly kernel: string
  readonly initramfs: string
}

/** What each guest needs for its ports; what these depend on comes with them. */
const wantedModules = ['virtio_pci', 'virtio_console']

/** Each has a hundred megabytes, and every change of the program under test makes a new one. */
const imagesKeptMax = 10

/**
 * @param options.prerequisites from `ensurePrerequisites`
 * @param options.files what to add or replace; with `/etc/negotiator-start` as the script to run after boot
 * @returns an image that may be booted any number of times, also at once
 */
export async function buildImage(options: {
  readonly prerequisites: Prerequisites
  readonly files: readonly ImageFile[]
  /** Beside those for the ports. */
  readonly modules?: readonly string[]
}): Promise<Image> {
  const { prerequisites, files, modules = [] } = options
  return await buildInitramfs({
    prerequisites,
    modules: [...wantedModules, ...modules],
    files: [...guestSystem, { to: '/usr/bin/node', from: execPath }, ...files],
  })
}

/**
 * Builds an image of busybox, kernel modules and files, and nothing else.
 *
 * @param options.modules the modules wanted; `/lib/modules/load-order` lists them with what they depend on
 * @param options.files what to add or replace, `/init` among them
 */
export async function buildInitramfs(options: {
  readonly prerequisites: Prerequisites
  readonly modules: readonly string[]
  readonly files: readonly ImageFile[]
}): Promise<Image> {
  const { prerequisites, modules, files } = options
  const system = [
    ...(await busyboxFiles(prerequisites.busybox)),
    ...(await moduleFiles(prerequisites, modules)),
  ]
  const entries = await imageEntries([...system, ...files])
  const folder = join(prerequisites.cacheDir, 'images')
  const initramfs = join(folder, `${contentHash(entries)}.cpio`)
  if (!(await markUsed(initramfs))) {
    await mkdir(folder, { recursive: true })
    await writeWhole(initramfs, entries)
    await deleteOldest(folder, imagesKeptMax)
  }
  const { qemu, kernel } = prerequisites
  return { qemu, kernel, initramfs }
}

async function busyboxFiles(busybox: string): Promise<ImageFile[]> {
  const { stdout } = await execa(busybox, ['--list-full'])
  const applets = stdout.split('\n').filter((path) => path !== '')
  const links = applets.map((path) => ({ to: `/${path}`, target: '/bin/busybox' }))
  return [...links, { to: '/bin/busybox', from: busybox }]
}

async function moduleFiles(
  { modulesDir, busybox }: Prerequisites,
  names: readonly string[],
): Promise<ImageFile[]> {
  const modules = await modulesInLoadOrder({ modulesDir, names, busybox })
  const order = modules.map(({ name }) => `${name}\n`).join('')
  return [
    ...modules.map(({ name, content }) => ({ to: `/lib/modules/${name}.ko`, content })),
    { to: '/lib/modules/load-order', content: order },
  ]
}

function contentHash(entries: readonly ArchiveEntry[]): string {
  const hash = createHash('sha256')
  for (const bytes of archive(entries)) hash.update(bytes)
  return hash.digest('hex').slice(0, 32)
}

/** @returns whether it is there; then it counts as used now */
export async function markUsed(path: string): Promise<boolean> {
  const now = new Date()
  return await utimes(path, now, now).then(
    () => true,
    () => false,
  )
}

/** Deletes what has not been used for longest, but for so many. */
export async function deleteOldest(folder: string, keptMax: number): Promise<void> {
  const paths = (await readdir(folder)).map((name) => join(folder, name))
  const used = await Promise.all(paths.map(async (path) => ({ path, usedMs: await lastUseMs(path) })))
  const newestFirst = used.toSorted((one, other) => other.usedMs - one.usedMs)
  // A machine that still runs from one of them has it mapped, and boots from it also when it is deleted.
  for (const { path } of newestFirst.slice(keptMax)) await rm(path, { force: true })
}

async function lastUseMs(path: string): Promise<number> {
  const stats = await stat(path).catch(() => undefined)
  // Another test file has just renamed or deleted it.
  return stats?.mtimeMs ?? 0
}

async function writeWhole(path: string, entries: readonly ArchiveEntry[]): Promise<void> {
  const partial = `${path}.${randomUUID()}`
  try {
    await writeFile(partial, archive(entries))
    await rename(partial, path)
  } finally {
    await rm(partial, { force: true })
  }
}
