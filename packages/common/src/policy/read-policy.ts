/**
 * Reads the whole policy of one side: all files of its folder and the shipped one, all or nothing.
 * Floor 4. Changes nothing, watches nothing.
 */
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { systemCodeOf } from '../errors.js'
import { parsePolicy } from './parse.js'
import type { ParsedPolicy, PolicySource } from './parse.js'
import { checkFolder, problemOfFile, readPolicyFile } from './read-file.js'
import type { PolicyProblem } from './fault.js'

/** Where a policy lies. */
export interface PolicyFolders {
  /** `/etc/negotiator/policy.d`; it may be missing. */
  readonly folder: string
  /** The file that takes part as if it lay in the folder, unless one of its name does. */
  readonly shippedFile?: string | undefined
}

/** A policy as it lies on the disk. */
export interface ReadPolicy extends ParsedPolicy {
  /** The paths of its files, in the order in which they are asked. */
  readonly files: readonly string[]
}

/** Reads a policy. With a problem its rules are not to be used. */
export async function readPolicy({ folder, shippedFile }: PolicyFolders): Promise<ReadPolicy> {
  const problems: PolicyProblem[] = []
  const found = await listFolder(folder, problems)
  const names = new Set(found.map((path) => basename(path)))
  const isShippedUsed = shippedFile !== undefined && !names.has(basename(shippedFile))
  const files = (isShippedUsed ? [...found, shippedFile] : [...found]).sort(byBaseName)
  const sources: PolicySource[] = []
  for (const path of files) {
    const read = await readPolicyFile(path)
    if ('source' in read) sources.push(read.source)
    if ('problem' in read) problems.push(read.problem)
    if ('missing' in read && path === shippedFile) problems.push(absentShippedFile(path))
  }
  const parsed = parsePolicy(sources)
  return {
    files: sources.map(({ path }) => path),
    rules: parsed.rules,
    problems: [...problems, ...parsed.problems],
  }
}

/** Editors and package managers leave `x.policy~`, `x.policy.dpkg-new` and `.x.policy.swp`: those are none. */
const policyFilePattern = /^[^.].*\.policy$/s

const plainNamePattern = /^[A-Za-z0-9][A-Za-z0-9._-]*$/

async function listFolder(folder: string, problems: PolicyProblem[]): Promise<readonly string[]> {
  try {
    await checkFolder(folder)
    const names = (await readdir(folder)).filter((name) => policyFilePattern.test(name))
    problems.push(
      ...names.filter((name) => !plainNamePattern.test(name)).map((name) => oddName(folder, name)),
    )
    return names.filter((name) => plainNamePattern.test(name)).map((name) => join(folder, name))
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') problems.push(problemOfFile(folder, error))
    return []
  }
}

/** The names are plain ASCII, so this is the order of their bytes, whatever the machine's language. */
function byBaseName(one: string, other: string): number {
  return basename(one) < basename(other) ? -1 : 1
}

function oddName(folder: string, name: string): PolicyProblem {
  const fix = 'rename it; letters, digits, ".", "_" and "-" are taken, with a letter or a digit first'
  const message = `a policy file cannot have this name; ${fix}`
  return { file: name, path: join(folder, name), line: 0, column: 0, message, fix }
}

function absentShippedFile(path: string): PolicyProblem {
  const fix = 'install the package again, or put a file of this name into the policy folder'
  return {
    file: basename(path),
    path,
    line: 0,
    column: 0,
    message: `the shipped policy is not there; ${fix}`,
    fix,
  }
}
