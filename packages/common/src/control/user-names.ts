/**
 * The names of users and groups: /etc/passwd and /etc/group first, then `getent`, which also asks a directory service.
 * Floor 7. A name counts only when it leads back to the number: a directory that calls its user 5000 "root" names nobody.
 * Whoever cannot be told apart for sure is an error, never a guess.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.js'
import { SystemError, systemCodeOf } from '../errors.js'
import { getentCountMax, getentPatienceMs, userNamesKeptMax, userNamesKeptMs } from './limits.js'

interface UserNamesOptions {
  readonly clock: Clock
  /** Where `passwd` and `group` lie; `/etc` unless told. */
  readonly folder?: string
  /** The program that asks everything else; looked for on PATH. */
  readonly getent?: string
}

type Database = 'passwd' | 'group'

interface Entry {
  readonly name: string
  readonly id: number
}

interface Wanted {
  readonly database: Database
  readonly ids: readonly number[]
}

/** Names, kept for a short while. */
export class UserNames {
  readonly #clock: Clock
  readonly #folder: string
  readonly #getent: string
  readonly #kept = new Map<string, { readonly untilMs: number; readonly names: Promise<readonly string[]> }>()
  #askingCount = 0

  constructor({ clock, folder = '/etc', getent = 'getent' }: UserNamesOptions) {
    this.#clock = clock
    this.#folder = folder
    this.#getent = getent
  }

  /** @returns `#1000` for a user without a name. @throws {SystemError} `name-unknown` when it cannot be told just now */
  async ofUser(id: number): Promise<string> {
    const [name = `#${id}`] = await this.#keep({ database: 'passwd', ids: [id] })
    return name
  }

  /** @returns `#1000` for a group without a name. @throws {SystemError} `name-unknown` when it cannot be told just now */
  async ofGroups(ids: readonly number[]): Promise<readonly string[]> {
    return await this.#keep({ database: 'group', ids })
  }

  async #keep(wanted: Wanted): Promise<readonly string[]> {
    const nowMs = this.#clock.now()
    const key = `${wanted.database} ${wanted.ids.join(' ')}`
    const kept = this.#kept.get(key)
    if (kept !== undefined && kept.untilMs > nowMs) return await kept.names
    // Whoever has many ids could fill it; then it begins anew.
    if (this.#kept.size >= userNamesKeptMax) this.#kept.clear()
    const names = this.#find(wanted)
    this.#kept.set(key, { untilMs: nowMs + userNamesKeptMs, names })
    return await names
  }

  async #find({ database, ids }: Wanted): Promise<readonly string[]> {
    const own = await this.#readFile(database)
    const missing = ids.filter((id) => !own.some((entry) => entry.id === id))
    const asked = missing.length === 0 ? [] : await this.#ask({ database, ids: missing })
    const entries = [...own, ...asked]
    return ids.map((id) => nameIn(entries, id))
  }

  async #readFile(database: Database): Promise<readonly Entry[]> {
    try {
      return entriesIn(await readFile(join(this.#folder, database), 'utf8'))
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return [] // A machine that knows numbers only.
      throw unknown(database, systemCodeOf(error) ?? 'unknown error')
    }
  }

  async #ask({ database, ids }: Wanted): Promise<readonly Entry[]> {
    if (this.#askingCount >= getentCountMax) throw unknown(database, 'too many are looked up at once')
    this.#askingCount += 1
    try {
      return entriesIn(await askGetent(this.#getent, { database, ids }))
    } finally {
      this.#askingCount -= 1
    }
  }
}

function nameIn(entries: readonly Entry[], id: number): string {
  const found = entries.find((entry) => entry.id === id)
  // The first entry with a name is who is meant by it, for the C library as well.
  const meant = entries.find((entry) => entry.name === found?.name)
  return found === undefined || meant?.id !== id ? `#${id}` : found.name
}

function entriesIn(text: string): readonly Entry[] {
  return text.split('\n').flatMap((line) => parseEntry(line) ?? [])
}

/** A line of either file begins `NAME:PASSWORD:NUMBER:`. */
function parseEntry(line: string): Entry | undefined {
  const [name = '', , number = ''] = line.split(':')
  // Neither what the C library takes for an instruction (`+`, `-`), nor what would be a number or a pattern in a rule.
  const isName = /^[\p{L}_][\p{L}\p{N}_.@\\-]*\$?$/u.test(name)
  return isName && /^\d{1,10}$/.test(number) ? { name, id: Number(number) } : undefined
}

/** getent's exit status when it does not know one of the ids. @see getent(1) */
const notFoundStatus = 2

/** A group's line names all its members, and there may be many thousands. */
const getentBytesMax = 16 * 1024 * 1024

/** @returns its lines; none where there is no such program, for then there is no directory service either */
async function askGetent(program: string, { database, ids }: Wanted): Promise<string> {
  const limits = { timeout: getentPatienceMs, killSignal: 'SIGKILL', maxBuffer: getentBytesMax } as const
  return await new Promise((resolve, reject) => {
    execFile(program, [database, ...ids.map(String)], limits, (error, stdout) => {
      if (error === null || error.code === notFoundStatus) resolve(stdout)
      else if (systemCodeOf(error) === 'ENOENT') resolve('')
      else reject(unknown(database, error.killed === true ? 'getent took too long' : 'getent failed'))
    })
  })
}

function unknown(database: Database, why: string): SystemError {
  const whose = database === 'passwd' ? 'a user' : 'a group'
  return new SystemError(`Cannot find the name of ${whose}: ${why}`, { code: 'name-unknown' })
}
