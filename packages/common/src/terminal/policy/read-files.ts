/**
 * The files that a `policy` subcommand looks at: the whole policy, some files of it, or expected decisions.
 * Floor 8. What was asked for by name and is not there is an error, so that a typing mistake never passes for a good policy.
 */
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { SystemError, systemCodeOf } from '../../errors.js'
import { escapeControl } from '../../log.js'
import { parsePolicy } from '../../policy/parse.js'
import { readPolicyFile } from '../../policy/read-file.js'
import type { ReadPolicy } from '../../policy/read-policy.js'

/** Reads these files only, as a policy in which they stand in this order. @throws {SystemError} `policy-unreadable` */
export async function readTheseFiles(paths: readonly string[]): Promise<ReadPolicy> {
  for (const path of paths) {
    if (await isFolder(path)) throw unreadable({ path, why: 'it is a folder; take --folder for that' })
  }
  const read = await Promise.all(paths.map(async (path) => await readPolicyFile(resolve(path))))
  const sources = read.flatMap((one) => ('source' in one ? [one.source] : []))
  const parsed = parsePolicy(sources)
  const problems = [...read.flatMap((one) => ('problem' in one ? [one.problem] : [])), ...parsed.problems]
  return { files: sources.map(({ path }) => path), rules: parsed.rules, problems }
}

/** The path of a folder that was asked for. @throws {SystemError} `policy-unreadable` when it is none */
export async function folderAsked(path: string): Promise<string> {
  if (await isFolder(path)) return resolve(path)
  throw unreadable({ path, why: 'it is not a folder' })
}

/** Reads a file of expected decisions. @throws {SystemError} `expectations-unreadable` */
export async function readExpectations(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw unreadable({ path, why: reasonOf(cause), code: 'expectations-unreadable', cause })
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (cause) {
    throw unreadable({ path, why: reasonOf(cause), cause })
  }
}

function reasonOf(cause: unknown): string {
  const code = systemCodeOf(cause) ?? 'unknown error'
  return reasons.get(code) ?? code
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'it does not exist'],
  ['EISDIR', 'it is a folder'],
  ['EACCES', 'permission denied'],
])

interface Failure {
  readonly path: string
  readonly why: string
  readonly code?: string
  readonly cause?: unknown
}

function unreadable({ path, why, code = 'policy-unreadable', cause }: Failure): SystemError {
  return new SystemError(`Cannot read "${escapeControl(path)}": ${why}`, { code, cause })
}
