/**
 * Finds what a test machine is made of, and fetches what is missing when it may.
 *
 * Programs are installed by package name, only as root. The kernel is never installed, see kernel.ts.
 */
import { access, constants } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { env } from 'node:process'
import { installPackages, isRoot, updatePackageLists } from './debian.js'
import { findKernel } from './kernel.js'
import type { Kernel } from './kernel.js'

/** Paths of everything that a test machine needs. */
export interface Prerequisites extends Kernel, Programs {
  /** Where kernels and images are kept between runs. */
  readonly cacheDir: string
}

interface Programs {
  readonly qemu: string
  readonly busybox: string
}

interface FoundPrograms {
  readonly qemu: string | undefined
  readonly busybox: string | undefined
}

/** The Debian package that brings each program. */
const packages = { qemu: 'qemu-system-x86', busybox: 'busybox-static' } as const

// Debian keeps some of these out of an ordinary user's PATH.
const systemFolders = ['/usr/sbin', '/sbin', '/usr/bin', '/bin']

/**
 * Looks for QEMU, busybox and a kernel.
 *
 * @param options.install install missing programs (as root, with apt) and download a missing kernel
 * @param options.log is told each thing that takes long, one line at a time
 * @throws Error naming what is missing and the one line to type
 */
export async function ensurePrerequisites(options: {
  readonly install: boolean
  readonly log: (line: string) => void
}): Promise<Prerequisites> {
  const { install, log } = options
  const cacheDir = join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'negotiator-test')
  const programs = await ensurePrograms(install, log)
  const kernel = await findKernel({ cacheDir, download: install, log })
  return { ...programs, ...kernel, cacheDir }
}

async function ensurePrograms(install: boolean, log: (line: string) => void): Promise<Programs> {
  const missing = missingPackages(await findPrograms())
  if (missing.length > 0 && install && isRoot() && (await findProgram('apt-get')) !== undefined) {
    log(`installing ${missing.join(' ')}`)
    // What is still missing then is told below, with the line to type, whose own words will say why.
    await updatePackageLists().catch((error: unknown) => log(String(error)))
    await installPackages(missing).catch((error: unknown) => log(String(error)))
  }
  const programs = await findPrograms()
  const { qemu, busybox } = programs
  if (qemu !== undefined && busybox !== undefined) return { qemu, busybox }
  const names = missingPackages(programs).join(' ')
  throw new Error(
    `Cannot run a test machine: ${names} not installed; type: sudo apt-get install --no-install-recommends ${names}`,
  )
}

async function findPrograms(): Promise<FoundPrograms> {
  return { qemu: await findProgram('qemu-system-x86_64'), busybox: await findProgram('busybox') }
}

function missingPackages(programs: FoundPrograms): string[] {
  return [
    ...(programs.qemu === undefined ? [packages.qemu] : []),
    ...(programs.busybox === undefined ? [packages.busybox] : []),
  ]
}

/** @returns the path of a program, wherever Debian puts it */
export async function findProgram(name: string): Promise<string | undefined> {
  const folders = [...(env['PATH'] ?? '').split(delimiter), ...systemFolders]
  for (const folder of folders.filter((folder) => folder !== '')) {
    const path = join(folder, name)
    try {
      await access(path, constants.X_OK)
      return path
    } catch {
      // Not in this folder: the next one may have it.
    }
  }
  return undefined
}
