/**
 * The few things we ask of apt: bring a program, or fetch a package without installing it.
 *
 * Installing happens only as root and only for programs named by our caller.
 */
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { getuid } from 'node:process'
import { execa } from 'execa'

const aptTimeoutMs = 600_000
// Two test files may install side by side: the second waits for the first one's lock.
const lockPatience = ['-o', 'DPkg::Lock::Timeout=300']

/** @returns whether this process may change the system's packages */
export function isRoot(): boolean {
  return getuid?.() === 0
}

/** Fetches the newest package lists: a fresh container has none at all. Needs root. */
export async function updatePackageLists(): Promise<void> {
  await apt('apt-get', [...lockPatience, 'update'])
}

/** Installs packages by name, without what they merely recommend. Needs root. */
export async function installPackages(packages: readonly string[]): Promise<void> {
  await apt('apt-get', [...lockPatience, 'install', '--yes', '--no-install-recommends', ...packages])
}

/**
 * Follows a package that only depends on others to the first whose name matches.
 *
 * @returns the concrete package, `undefined` when apt does not know the name
 */
export async function resolvePackage(name: string, wanted: RegExp): Promise<string | undefined> {
  const { stdout, exitCode } = await execa('apt-cache', ['depends', name], {
    reject: false,
    timeout: aptTimeoutMs,
  })
  if (exitCode !== 0) return undefined
  const dependencies = stdout.matchAll(/^\s*Depends: (\S+)$/gm)
  return [...dependencies]
    .map((match) => match[1])
    .find((dependency) => dependency !== undefined && wanted.test(dependency))
}

/**
 * Downloads a package and unpacks its files into a folder of their own; nothing is installed and none of the
 * package's scripts run.
 *
 * @param options.folder appears whole or not at all, so that two callers may do this at once
 */
export async function unpackPackage({ name, folder }: { name: string; folder: string }): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  const work = await mkdtemp(`${folder}.`)
  try {
    await apt('apt-get', ['download', name], work)
    const archive = (await readdir(work)).find((file) => file.endsWith('.deb'))
    if (archive === undefined)
      throw new Error(`Cannot download package ${name}: apt-get brought no .deb file`)
    await apt('dpkg-deb', ['-x', join(work, archive), join(work, 'unpacked')])
    await renameUnlessThere(join(work, 'unpacked'), folder)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function renameUnlessThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    // Somebody else unpacked the same package meanwhile: theirs is as good as ours.
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
  }
}

async function apt(program: string, args: readonly string[], cwd: string = '/'): Promise<void> {
  await execa(program, args, {
    cwd,
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    stdin: 'ignore',
    timeout: aptTimeoutMs,
  })
}
