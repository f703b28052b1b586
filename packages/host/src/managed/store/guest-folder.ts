/**
 * The folder of one managed guest: its definition, the revisions before it, and what was quarantined.
 * What runs is not kept here but in files of whoever runs it. Changes are made by one program at a time: the store sees to that.
 */
import { link, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SystemError, systemCodeOf, UsageError } from '@negotiator/common'
import { keptText, parseKept } from './kept-file.js'
import type { Revision } from './kept-file.js'
import { assertFileOurs } from './only-ours.js'
import { syncFolder, writeWhole } from './write-whole.js'

/** An undo goes back so far. */
export const revisionsKept = 10

const badPrefix = 'bad-definition-'

/** What is to be kept; an undo brings the content of an earlier revision back. */
type Content = Pick<Revision, 'values'> & { readonly origin?: number | undefined }

/** One guest's folder. */
export class GuestFolder {
  readonly path: string
  readonly uuid: string

  constructor(path: string, uuid: string) {
    this.path = path
    this.uuid = uuid
  }

  /**
   * The definition in force.
   * @returns `undefined` when there is none: it was never finished, or is quarantined
   * @throws {UsageError} `bad-definition`; {@link SystemError} `store-unreadable`, `store-unsafe`
   */
  async current(): Promise<Revision | undefined> {
    return await this.#read(this.#file)
  }

  /** What a definition would be as it is kept. */
  async next({ values, origin }: Content): Promise<Revision> {
    const before = (await this.#good())?.revision ?? 0
    const revision = Math.max(before, ...(await this.#keptNumbers())) + 1
    return { revision, origin: origin ?? revision, values }
  }

  /** Writes a definition; the one before it can be brought back. @returns it as it is kept */
  async write(content: Content): Promise<Revision> {
    await mkdir(this.#revisions, { recursive: true, mode: 0o700 })
    const next = await this.next(content)
    const before = await this.current()
    if (before !== undefined) await this.#keep(before.revision)
    await writeWhole(this.#file, keptText(next))
    for (const number of await this.#keptNumbers())
      if (number < next.revision - revisionsKept) await rm(this.#revisionFile(number), { force: true })
    return next
  }

  /** The revision that an undo brings back: the one before the content in force. */
  async previous(): Promise<Revision | undefined> {
    const current = await this.#good()
    const numbers = await this.#keptNumbers()
    const before = numbers.filter((number) => current === undefined || number < current.origin)
    return before.length === 0 ? undefined : await this.#read(this.#revisionFile(Math.max(...before)))
  }

  /**
   * Moves a definition aside that cannot be read.
   * @returns where it is now
   */
  async quarantine(now: Date): Promise<string> {
    const aside = join(this.path, `${badPrefix}${now.toISOString().replace(/[:.]/g, '-')}.json`)
    await rename(this.#file, aside)
    await syncFolder(this.path)
    return aside
  }

  /** What was moved aside last. */
  async quarantined(): Promise<string | undefined> {
    const names = (await namesIn(this.path)).filter((name) => name.startsWith(badPrefix)).sort()
    const last = names.at(-1)
    return last === undefined ? undefined : join(this.path, last)
  }

  /** One that cannot be read is none: it is moved aside before another takes its place. */
  async #good(): Promise<Revision | undefined> {
    return await this.current().catch((error: unknown) => {
      if (error instanceof UsageError) return undefined
      throw error
    })
  }

  get #file(): string {
    return join(this.path, 'definition.json')
  }

  get #revisions(): string {
    return join(this.path, 'revisions')
  }

  #revisionFile(number: number): string {
    return join(this.#revisions, `${number}.json`)
  }

  /** A second name for the same content, so that it is never half there. */
  async #keep(number: number): Promise<void> {
    try {
      await link(this.#file, this.#revisionFile(number))
      await syncFolder(this.#revisions)
    } catch (cause) {
      // Whoever wrote before us was killed right behind this step.
      if (systemCodeOf(cause) !== 'EEXIST') throw cause
    }
  }

  async #keptNumbers(): Promise<readonly number[]> {
    const names = await namesIn(this.#revisions)
    return names.flatMap((name) => (/^[1-9][0-9]*\.json$/.test(name) ? [Number.parseInt(name, 10)] : []))
  }

  async #read(path: string): Promise<Revision | undefined> {
    assertFileOurs(path)
    try {
      return parseKept(await readFile(path, 'utf8'), { path, uuid: this.uuid })
    } catch (cause) {
      if (systemCodeOf(cause) === 'ENOENT') return undefined
      if (cause instanceof UsageError) throw cause
      throw new SystemError(`Cannot read "${path}": ${systemCodeOf(cause) ?? 'unknown error'}`, {
        code: 'store-unreadable',
        cause,
      })
    }
  }
}

/** The names in a folder; none when it is not there. */
export async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path)
  } catch (cause) {
    if (systemCodeOf(cause) === 'ENOENT') return []
    throw new SystemError(`Cannot read "${path}": ${systemCodeOf(cause) ?? 'unknown error'}`, {
      code: 'store-unreadable',
      cause,
    })
  }
}
