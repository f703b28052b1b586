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

/** A program and the Debian package that brings it. */
export interface WantedProgram {
  readonly program: string
  readonly package: string
}

const qemuProgram: WantedProgram = { program: 'qemu-system-x86_64', package: 'qemu-system-x86' }
const busyboxProgram: WantedProgram = { program: 'busybox', package: 'busybox-static' }

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
  const [qemu = '', busybox = ''] = await ensureInstalled([qemuProgram, busyboxProgram], { install, log })
  return { qemu, busybox }
}

/**
 * Looks for programs, and installs what is missing when it may: as root, with apt.
 *
 * @returns their paths, in the order of `wanted`
 * @throws Error naming what is missing and the one line to type
 */
export async function ensureInstalled(
  wanted: readonly WantedProgram[],
  { install, log }: { readonly install: boolean; readonly log: (line: string) => void },
): Promise<readonly string[]> {
  const missing = await missingPackages(wanted)
  if (missing.length > 0 && install && isRoot() && (await findProgram('apt-get')) !== undefined) {
    log(`installing ${missing.join(' ')}`)
    // What is still missing then is told below, with the line to type, whose own words will say why.
    await updatePackageLists().catch((error: unknown) => log(String(error)))
    await installPackages(missing).catch((error: unknown) => log(String(error)))
  }
  const names = (await missingPackages(wanted)).join(' ')
  if (names !== '') {
    throw new Error(
      `Cannot run a test machine: ${names} not installed; type: sudo apt-get install --no-install-recommends ${names}`,
    )
  }
  return (await Promise.all(wanted.map(async ({ program }) => await findProgram(program)))).map(
    (path) => path ?? '',
  )
}

async function missingPackages(wanted: readonly WantedProgram[]): Promise<string[]> {
  const found = await Promise.all(wanted.map(async ({ program }) => await findProgram(program)))
  return wanted.filter((_, index) => found[index] === undefined).map((one) => one.package)
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
