/**
 * What a driver has made on this host, kept as a file: what is not in it was there before, and is somebody else's.
 * An entry is written before its piece is made, so a crash in between leaves an entry without a piece, and never the reverse.
 */
import { mkdir, readFile, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { replaceFile, SystemError, systemCodeOf } from '@negotiator/common'
import type { Owned } from './verbs.js'

/** A piece that was made. */
export interface OwnedEntry extends Pick<Owned, 'kind' | 'path' | 'madeBy'> {
  /** What was written into a file, ever: after a crash it may be one or the other. */
  readonly sha256s: readonly string[]
}

/** The record of one driver. */
export class OwnedRecord {
  readonly #driver: string
  readonly #path: string
  #entries: readonly OwnedEntry[] = []

  /**
   * @param driver as the configuration writes it
   * @param stateFolder the daemon's folder for what outlives a reboot
   */
  constructor(driver: string, stateFolder: string) {
    this.#driver = driver
    this.#path = join(stateFolder, 'drivers', `${encodeURIComponent(driver)}.json`)
  }

  /** In the order in which they were made. */
  get entries(): readonly OwnedEntry[] {
    return this.#entries
  }

  find(path: string): OwnedEntry | undefined {
    return this.#entries.find((entry) => entry.path === path)
  }

  /** @throws {SystemError} `bad-driver-record` */
  async load(): Promise<void> {
    const text = await readFile(this.#path, 'utf8').catch((error: unknown) => {
      if (systemCodeOf(error) === 'ENOENT') return '{"pieces":[]}'
      throw this.#bad(systemCodeOf(error) ?? 'unknown error')
    })
    this.#entries = parse(text) ?? this.#refuse()
  }

  /** Adds an entry, or puts it in its predecessor's place. */
  async note(entry: OwnedEntry): Promise<void> {
    const isOld = this.find(entry.path) !== undefined
    const changed = this.#entries.map((old) => (old.path === entry.path ? entry : old))
    await this.keep(isOld ? changed : [...this.#entries, entry])
  }

  /** Keeps these and no others; without any the file goes, too. */
  async keep(entries: readonly OwnedEntry[]): Promise<void> {
    this.#entries = entries
    const folder = dirname(this.#path)
    if (entries.length === 0) {
      await rm(this.#path, { force: true })
      await rmdir(folder).catch(() => undefined) // Another driver's record is in it.
      return
    }
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const content = `${JSON.stringify({ pieces: entries }, undefined, 2)}\n`
    await replaceFile(this.#path, { content, mode: 0o600 })
  }

  #refuse(): never {
    throw this.#bad('it is damaged')
  }

  #bad(why: string): SystemError {
    const advice = 'move it away, and look yourself what is left of the driver'
    return new SystemError(
      `Cannot tell what the driver "${this.#driver}" has made: ${why} (${this.#path}); ${advice}`,
      {
        code: 'bad-driver-record',
      },
    )
  }
}

function parse(text: string): readonly OwnedEntry[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('pieces' in value)) return undefined
    return Array.isArray(value.pieces) && value.pieces.every(isEntry) ? value.pieces : undefined
  } catch {
    return undefined
  }
}

function isEntry(value: unknown): value is OwnedEntry {
  if (typeof value !== 'object' || value === null) return false
  const { kind, path, madeBy, sha256s }: Partial<Record<string, unknown>> = { ...value }
  return (
    ['file', 'folder'].includes(String(kind)) &&
    typeof path === 'string' &&
    path.startsWith('/') &&
    ['install', 'configure', 'start'].includes(String(madeBy)) &&
    Array.isArray(sha256s)
  )
}
