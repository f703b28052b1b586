/**
 * What comes over standard input for set-password: one line, a password or a crypt(3) hash.
 * Pure. No sentence here shows any of it.
 */
import { wrongUsage } from '../failure.js'
import type { CommandFailure } from '../failure.js'

/** PAM takes no longer ones. */
const passwordBytesMax = 511

/** Schemes of crypt(5) that are fit for new hashes: yescrypt, bcrypt, SHA-512 and SHA-256. */
const hashForms: readonly RegExp[] = [
  /^\$g?y\$[./A-Za-z0-9]+\$[./A-Za-z0-9]{0,86}\$[./A-Za-z0-9]{43}$/,
  /^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/,
  /^\$6\$(?:rounds=\d{4,9}\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{86}$/,
  /^\$5\$(?:rounds=\d{4,9}\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{43}$/,
]

/** @throws {CommandFailure} when it is empty, more than a line, or of characters that no terminal could enter */
export function checkedPassword(input: Uint8Array): string {
  const text = oneLine(input, 'password')
  if (Buffer.byteLength(text) > passwordBytesMax)
    throw refused('password', `it has more than ${passwordBytesMax} bytes`)
  return text
}

/** @throws {CommandFailure} when it is no hash, or one of a scheme that is broken: it would lock its user out, or let others in */
export function checkedHash(input: Uint8Array): string {
  const text = oneLine(input, 'hash')
  if (isUsableHash(text)) return text
  throw refused(
    'hash',
    'wanted a whole crypt hash that begins with $y$, $2b$, $6$ or $5$; "mkpasswd" or "openssl passwd -6" makes one',
  )
}

/** Whether somebody could log in with a password of this hash. */
export function isUsableHash(field: string): boolean {
  return hashForms.some((form) => form.test(field))
}

function oneLine(input: Uint8Array, what: string): string {
  const text = decoded(input, what).replace(/\r?\n$/, '')
  if (text === '') throw refused(what, 'standard input is empty')
  if (/\p{Cc}/u.test(text)) throw refused(what, 'it is more than one line, or has control characters')
  return text
}

function decoded(input: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(input)
  } catch {
    // The cause would show where, and by that something of it.
    throw refused(what, 'it is not UTF-8')
  }
}

function refused(what: string, reason: string): CommandFailure {
  return wrongUsage(`Cannot take the ${what}: ${reason}; nothing was changed`)
}
