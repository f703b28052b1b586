/**
 * The users of this machine, from its own passwd and shadow files: only these can be given passwords and keys here.
 * Reads, never writes.
 */
import { readFileSync } from 'node:fs'
import { errorCodeOf } from '../files/error-code.js'
import { missing, wrongUsage } from '../failure.js'

/** A line of passwd(5). */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
}

/** What a shadow(5) line's second field says of logging in with a password. */
export type PasswordState = 'locked' | 'empty' | 'set'

/** A name as useradd(8) takes it. What is no such name could be an option or a line of its own. */
const userName = /^[A-Za-z_][A-Za-z0-9_.-]{0,31}\$?$/

/**
 * @param options.root what stands before every path; empty on a real machine
 * @throws {CommandFailure} when the name is none (64) or nobody has it (69)
 */
export function findAccount({ root, user }: { readonly root: string; readonly user: string }): Account {
  if (!userName.test(user))
    throw wrongUsage(
      `Cannot use the user name ${JSON.stringify(user)}: wanted letters, digits, "_", "-" and ".", at most 32`,
    )
  const [name, , uid, gid, , home] = findLine({ text: readDatabase(root, 'passwd'), name: user }) ?? []
  if (name === undefined || home === undefined || !isId(uid) || !isId(gid))
    throw missing(`Cannot find the user "${user}": /etc/passwd of this guest has no such line`)
  return { name, uid: Number(uid), gid: Number(gid), home }
}

/**
 * The second field of a user's shadow line; of the passwd line where there is no shadow.
 * @throws {CommandFailure} when it cannot be read
 */
export function readPasswordField({ root, user }: { readonly root: string; readonly user: string }): string {
  const [, field = ''] = findLine({ text: readDatabase(root, 'passwd'), name: user }) ?? []
  if (field !== 'x') return field
  const [, shadowed] = findLine({ text: readDatabase(root, 'shadow'), name: user }) ?? []
  if (shadowed !== undefined) return shadowed
  throw missing(`Cannot read the password of "${user}": /etc/shadow has no line for this user`)
}

/** What such a field means: nobody's hash begins with "!" or "*". */
export function passwordStateOf(field: string): PasswordState {
  if (field === '') return 'empty'
  return /^[!*]/.test(field) ? 'locked' : 'set'
}

/** The id of a user or group by name or number, as `--owner` has them. */
export function findId({
  root,
  database,
  key,
}: {
  readonly root: string
  readonly database: 'passwd' | 'group'
  readonly key: string
}): number {
  const kind = database === 'passwd' ? 'user' : 'group'
  if (isId(key)) return Number(key)
  const [, , id] = findLine({ text: readDatabase(root, database), name: key }) ?? []
  if (isId(id)) return Number(id)
  throw missing(
    `Cannot find the ${kind} ${JSON.stringify(key)}: /etc/${database} of this guest has no such line`,
  )
}

function isId(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,10}$/.test(text) && Number(text) < 2 ** 32 - 1
}

function findLine({ text, name }: { text: string; name: string }): readonly string[] | undefined {
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .find(([first]) => first === name)
}

function readDatabase(root: string, name: string): string {
  try {
    return readFileSync(`${root}/etc/${name}`, 'utf8')
  } catch (cause) {
    throw missing(`Cannot read /etc/${name}: ${errorCodeOf(cause)}`)
  }
}
