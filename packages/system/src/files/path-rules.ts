/**
 * Which files the host may write and read, as an administrator of this guest lists them in /etc/negotiator/files.toml.
 * Without the file, none.
 *
 * Patterns are absolute paths: `*` stands for any characters but a slash, a last component `**` for all that lies below.
 */
import { parse } from 'smol-toml'
import { missing, notAllowed, wrongUsage } from '../failure.js'
import type { CommandFailure } from '../failure.js'

/** What the file says. */
export interface PathRules {
  readonly write: readonly string[]
  readonly read: readonly string[]
  /** Neither reads nor writes go beyond it. */
  readonly maxSizeBytes: number
}

/** What may be done with a path. */
export type Access = 'write' | 'read'

export const pathRulesFile = '/etc/negotiator/files.toml'

const defaultMaxSizeBytes = 16 * 2 ** 20
const maxSizeBytesMax = 2 ** 30

/** Nothing at all. */
export const noPaths: PathRules = { write: [], read: [], maxSizeBytes: defaultMaxSizeBytes }

/**
 * Reads the rules.
 * @param text TOML with `write` and `read`, lists of patterns, and `max-size`, bytes as a number
 * @throws {CommandFailure} for what is unknown or wrong: all of it is used or none
 */
export function parsePathRules(text: string): PathRules {
  const { write = [], read = [], 'max-size': maxSizeBytes = defaultMaxSizeBytes, ...unknown } = tableOf(text)
  const [stranger] = Object.keys(unknown)
  if (stranger !== undefined)
    throw badRules(`there is no setting "${stranger}"; the settings are write, read, max-size`)
  if (!isPatterns(write))
    throw badRules('"write" must be a list of absolute paths such as "/etc/app/*.conf" or "/srv/app/**"')
  if (!isPatterns(read)) throw badRules('"read" must be a list of absolute paths such as "/var/log/app.log"')
  if (
    typeof maxSizeBytes !== 'number' ||
    !Number.isInteger(maxSizeBytes) ||
    maxSizeBytes < 1 ||
    maxSizeBytes > maxSizeBytesMax
  )
    throw badRules(`"max-size" must be a number of bytes from 1 to ${maxSizeBytesMax}`)
  return { write, read, maxSizeBytes }
}

/**
 * @param path the place itself, with no links in it
 * @throws {CommandFailure} when no pattern covers it
 */
export function assertAllowed(
  rules: PathRules,
  { access, path }: { readonly access: Access; readonly path: string },
): void {
  if (rules[access].some((pattern) => isCovered(path, pattern))) return
  throw notAllowed(
    `Cannot ${access} "${path}": the guest's administrator has not listed it; it belongs into "${access}" of ${pathRulesFile} there`,
  )
}

/**
 * A path that a caller wrote.
 * @throws {CommandFailure} unless it is absolute, plain and names a file
 */
export function checkedPath(path: string): { readonly folder: string; readonly name: string } {
  const names = path.split('/').slice(1)
  const isPlain = names.every(
    (name) => name !== '' && name !== '.' && name !== '..' && Buffer.byteLength(name) <= 255,
  )
  if (!path.startsWith('/') || !isPlain || Buffer.byteLength(path) > 4000 || /\p{Cc}/u.test(path))
    throw wrongUsage(
      `Cannot use the path ${JSON.stringify(path)}: wanted an absolute one without "//", ".", ".." and control characters, such as /etc/app.conf`,
    )
  return { folder: `/${names.slice(0, -1).join('/')}`, name: names.at(-1) ?? '' }
}

function isCovered(path: string, pattern: string): boolean {
  if (pattern.endsWith('/**')) {
    const depth = pattern.split('/').length - 1
    const head = path.split('/').slice(0, depth).join('/')
    return path.split('/').length > depth && isCovered(head, pattern.slice(0, -3))
  }
  const [wanted, given] = [pattern.split('/'), path.split('/')]
  return wanted.length === given.length && wanted.every((word, index) => isWord(given[index] ?? '', word))
}

/** Whether a name fits a word with stars, in time that grows with their lengths and no faster than their product. */
function isWord(name: string, word: string): boolean {
  const [first = '', ...rest] = word.split('*')
  const last = rest.pop()
  if (last === undefined) return name === first
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length)
    return false
  let from = first.length
  for (const part of rest) {
    const at = name.indexOf(part, from)
    if (at === -1) return false
    from = at + part.length
  }
  return from <= name.length - last.length
}

function tableOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return parse(text)
  } catch (cause) {
    throw badRules(cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : 'it is not TOML')
  }
}

function isPatterns(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isPattern)
}

function isPattern(value: unknown): boolean {
  if (typeof value !== 'string' || !value.startsWith('/')) return false
  const names = value.split('/').slice(1)
  return names.every((name, index) => {
    if (name === '' || name === '.' || name === '..') return false
    return name === '**' ? index > 0 && index === names.length - 1 : !name.includes('**')
  })
}

function badRules(reason: string): CommandFailure {
  return missing(`Cannot use ${pathRulesFile}: ${reason}`)
}
