/**
 * Puts files that a program carries inside itself into a folder, for what must be a file: a command, a native addon.
 * Floor 7. Whoever can write there decides what runs as the daemon, so a folder that others can write to is refused.
 */
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { chmod, lstat, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SystemError, systemCodeOf } from '../errors.js'
import { replaceFile } from '../replace-file.js'

/** One file. */
export interface CarriedFile {
  /** Without a folder. */
  readonly name: string
  /** Asked only when the file has to be written. */
  readonly content: () => string | Buffer
  /** Of the content, in hexadecimal: it tells whether the file is there already. */
  readonly sha256: string
  /** Permission bits. */
  readonly mode: number
}

/**
 * Makes a folder hold these files and nothing else. What is there already and the same is left alone, and each file
 * is replaced in one step, so that a daemon of the version before is not disturbed.
 * @throws {SystemError} `unpack-failed`
 */
export async function unpackFiles({
  folder,
  files,
}: {
  readonly folder: string
  readonly files: readonly CarriedFile[]
}): Promise<void> {
  try {
    await makeFolder(folder)
    const names = new Set(files.map(({ name }) => name))
    for (const file of files) await unpackFile(folder, file)
    for (const name of await readdir(folder)) {
      if (!names.has(name)) await rm(join(folder, name), { recursive: true, force: true })
    }
  } catch (cause) {
    if (cause instanceof SystemError) throw cause
    throw failure(folder, systemCodeOf(cause) ?? 'unknown error', cause)
  }
}

async function makeFolder(folder: string): Promise<void> {
  // 0755 whatever the umask is: a command that another user shall run must be reached, and is not run when others may write above it.
  if ((await mkdir(folder, { recursive: true, mode: 0o755 })) !== undefined) await chmod(folder, 0o755)
  const { mode, uid } = await lstat(folder)
  if ((mode & (constants.S_IWGRP | constants.S_IWOTH)) !== 0)
    throw failure(folder, 'others than its owner may write to it; chmod go-w it')
  if (uid !== 0 && uid !== process.geteuid?.())
    throw failure(folder, `it is owned by user ${uid}; chown it to root`)
}

async function unpackFile(folder: string, file: CarriedFile): Promise<void> {
  const { name, content, mode } = file
  const path = join(folder, name)
  if (await isThere(path, file)) return
  await replaceFile(path, { content: content(), mode })
}

async function isThere(path: string, { mode, sha256 }: CarriedFile): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined)
  if (stats === undefined || !stats.isFile() || (stats.mode & 0o7777) !== mode) return false
  return sha256Of(await readFile(path)) === sha256
}

/** What {@link CarriedFile} wants of its content. */
export function sha256Of(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

function failure(folder: string, why: string, cause?: unknown): SystemError {
  return new SystemError(`Cannot unpack into "${folder}": ${why}`, { code: 'unpack-failed', cause })
}
