/**
 * The lines of an authorized_keys file (sshd(8)): options, type, key, comment.
 * Pure. What is no key, or is not asked for, stays byte for byte.
 */
import { createHash } from 'node:crypto'

/** One key as a line has it. */
export interface AuthorizedKey {
  /** What stands before the type, such as `from="10.0.0.0/8",no-pty`; empty for none. */
  readonly options: string
  /** Such as `ssh-ed25519`. */
  readonly type: string
  /** The key itself, in base64. */
  readonly blob: string
  readonly comment: string
  /** As ssh-keygen prints it: `SHA256:...`. */
  readonly fingerprint: string
}

const types: ReadonlySet<string> = new Set([
  'ssh-ed25519',
  'ssh-rsa',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
])

/** @returns the key of a line, or `undefined` when it is blank, a comment, or no key that sshd of today takes */
export function parseKeyLine(line: string): AuthorizedKey | undefined {
  const [first, rest] = splitWord(line.trim())
  if (first === '' || first.startsWith('#')) return undefined
  if (types.has(first)) return keyOf({ options: '', type: first, rest })
  const [type, afterType] = splitWord(rest)
  return types.has(type) ? keyOf({ options: first, type, rest: afterType }) : undefined
}

/** A file's new text, and the keys that were added or removed. */
export interface KeyChange {
  readonly text: string
  readonly keys: readonly AuthorizedKey[]
}

/** Adds keys that are not there yet, behind all that is. */
export function addKeys(text: string, keys: readonly AuthorizedKey[]): KeyChange {
  const present = new Set(keysIn(text).map(({ blob }) => blob))
  const added = keys.filter(({ blob }) => !present.has(blob) && present.add(blob))
  if (added.length === 0) return { text, keys: [] }
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`
  return { text: `${start}${added.map((key) => `${lineOf(key)}\n`).join('')}`, keys: added }
}

/** Takes the lines with these keys away. @param wanted whether a key shall go */
export function removeKeys(text: string, wanted: (key: AuthorizedKey) => boolean): KeyChange {
  const removed: AuthorizedKey[] = []
  const kept = text.split('\n').filter((line) => {
    const key = parseKeyLine(line)
    if (key === undefined || !wanted(key)) return true
    removed.push(key)
    return false
  })
  return { text: kept.join('\n'), keys: removed }
}

/** All keys of a text. */
export function keysIn(text: string): readonly AuthorizedKey[] {
  return text.split('\n').flatMap((line) => parseKeyLine(line) ?? [])
}

function keyOf({
  options,
  type,
  rest,
}: {
  options: string
  type: string
  rest: string
}): AuthorizedKey | undefined {
  const [blob, comment] = splitWord(rest)
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(blob)) return undefined
  const bytes = Buffer.from(blob, 'base64')
  if (bytes.toString('base64') !== blob || typeIn(bytes) !== type) return undefined
  const fingerprint = `SHA256:${createHash('sha256').update(bytes).digest('base64').replace(/=+$/, '')}`
  return { options, type, blob, comment, fingerprint }
}

/** The key says itself what it is: RFC 4253, 6.6, a string with its length before it. */
function typeIn(bytes: Buffer): string | undefined {
  if (bytes.length < 4) return undefined
  const end = 4 + bytes.readUInt32BE(0)
  // A name alone is no key.
  return end < bytes.length ? bytes.toString('latin1', 4, end) : undefined
}

function lineOf({ options, type, blob, comment }: AuthorizedKey): string {
  return [options, type, blob, comment].filter((word) => word !== '').join(' ')
}

/** The first word, and what follows it; a blank between quotes ends no word. */
function splitWord(text: string): readonly [string, string] {
  let isQuoted = false
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (character === '\\' && text[at + 1] === '"') at += 1
    else if (character === '"') isQuoted = !isQuoted
    else if (!isQuoted && (character === ' ' || character === '\t'))
      return [text.slice(0, at), text.slice(at).trim()]
  }
  return [text, '']
}
