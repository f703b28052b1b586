/**
 * Reads one policy file, if it may be believed.
 * Floor 4. What is checked is what is read: the owner and the mode are those of the open file. Doubt refuses, for whoever can
 * write the file, or its folder, decides who may do what.
 */
import { constants } from 'node:fs'
import type { Stats } from 'node:fs'
import { lstat, open, realpath, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { systemCodeOf } from '../errors.js'
import { policyFileBytesMax } from './limits.js'
import { shellWord } from '../shell-word.js'
import { Fault } from './fault.js'
import type { PolicyProblem } from './fault.js'
import type { PolicySource } from './parse.js'

/** One of the two, or nothing when there is no such file. */
export type ReadFile =
  | { readonly source: PolicySource }
  | { readonly problem: PolicyProblem }
  | { readonly missing: true }

/** Reads a file, a link followed to the real one. */
export async function readPolicyFile(path: string): Promise<ReadFile> {
  try {
    const real = await realpath(path)
    await checkFolder(dirname(real))
    return decode(path, await readSafely(real))
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return await whenAbsent(path)
    return { problem: problemOfFile(path, error) }
  }
}

/** A link that leads nowhere was meant to be a policy: without it others would decide. */
async function whenAbsent(path: string): Promise<ReadFile> {
  const isLink = await lstat(path).then(
    (stats) => stats.isSymbolicLink(),
    () => false,
  )
  if (!isLink) return { missing: true }
  const fault = new Fault(0, 'it is a link that leads nowhere', `remove it: ${shellWord(path)}`)
  return { problem: problemOfFile(path, fault) }
}

/** Checks that nobody else can put files into a folder. @throws {Fault} when somebody can */
export async function checkFolder(folder: string): Promise<void> {
  checkOwner(await stat(folder), { path: folder, what: 'folder' })
}

/** A file, or a folder, that cannot be read as one. */
export function problemOfFile(path: string, error: unknown): PolicyProblem {
  const { message, fix } =
    error instanceof Fault
      ? error
      : {
          message: `it cannot be read: ${systemCodeOf(error) ?? 'unknown error'}`,
          fix: `look at it with: ls -ld ${shellWord(path)}`,
        }
  return { file: basename(path), path, line: 0, column: 0, message: `${message}; ${fix}`, fix }
}

async function readSafely(path: string): Promise<Buffer> {
  // Whoever waits in a pipe for a writer waits for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  try {
    const stats = await file.stat()
    if (!stats.isFile()) throw new Fault(0, 'it is not a regular file', `remove it: ${shellWord(path)}`)
    checkOwner(stats, { path, what: 'file' })
    return await readWhole(file)
  } finally {
    await file.close()
  }
}

/** The size that the system tells may have grown meanwhile. */
async function readWhole(file: FileHandle): Promise<Buffer> {
  const buffer = Buffer.alloc(policyFileBytesMax + 1)
  let length = 0
  for (;;) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length)
    length += bytesRead
    if (length > policyFileBytesMax)
      throw new Fault(
        0,
        `it has more than ${policyFileBytesMax} bytes, the most that a policy file may have`,
        'split it, or look whether it is a policy at all',
      )
    if (bytesRead === 0) return buffer.subarray(0, length)
  }
}

const othersMayWrite = constants.S_IWGRP | constants.S_IWOTH

function checkOwner(stats: Stats, { path, what }: { readonly path: string; readonly what: string }): void {
  if ((stats.mode & othersMayWrite) !== 0)
    throw new Fault(
      0,
      `the ${what} may be written by others than its owner`,
      `type: chmod go-w ${shellWord(path)}`,
    )
  if (stats.uid !== 0 && stats.uid !== process.geteuid?.())
    throw new Fault(
      0,
      `the ${what} is owned by user ${stats.uid}, neither root nor the user that the daemon runs as`,
      `type: chown root ${shellWord(path)}`,
    )
}

const utf8 = { fatal: true, ignoreBOM: true } as const

function decode(path: string, bytes: Buffer): ReadFile {
  try {
    return { source: { file: basename(path), path, text: new TextDecoder('utf-8', utf8).decode(bytes) } }
  } catch {
    // The one thing that it can throw for.
    const fix = 'save the file as UTF-8'
    const place = { file: basename(path), path, line: lineOfBadByte(bytes), column: 0 }
    return { problem: { ...place, message: `the line is not UTF-8; ${fix}`, fix } }
  }
}

/** A line's end is never part of a character, so the lines before the bad byte are all well. */
function lineOfBadByte(bytes: Buffer): number {
  const decoder = new TextDecoder('utf-8', utf8)
  let line = 1
  try {
    for (let at = 0; at < bytes.length; line += 1) {
      const end = bytes.indexOf('\n', at) + 1 || bytes.length
      decoder.decode(bytes.subarray(at, end))
      at = end
    }
  } catch {
    // This line it is.
  }
  return line
}
