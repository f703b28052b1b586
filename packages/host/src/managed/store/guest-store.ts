/**
 * The managed guests of this host, each in a folder that is called by its uuid.
 * The disk is the truth: nothing is held in memory, so a program and the daemon never disagree. A guest that cannot be read is
 * told of and never stops the others.
 */
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { didYouMean, parseUuid, sentenceOf, SystemError, systemCodeOf, UsageError } from '@negotiator/common'
import type { DefinitionValues } from '../schema.js'
import { GuestFolder, namesIn } from './guest-folder.js'
import type { Revision } from './kept-file.js'
import { whileLocked } from './lock.js'
import { syncFolder } from './write-whole.js'

/** A guest that cannot be used as it is. */
export interface StoreFault {
  readonly uuid: string
  readonly sentence: string
}

/** All that is there. */
export interface StoredGuests {
  /** By name. */
  readonly guests: readonly Revision[]
  readonly faults: readonly StoreFault[]
}

/** A definition to keep. */
export interface GuestChange {
  readonly values: DefinitionValues
  /** The revision that it was made from, where it was: it must still be the one in force. */
  readonly madeFrom?: number | undefined
  /** Check all, and write nothing. */
  readonly isDryRun?: boolean | undefined
}

/** What is done about a definition that cannot be read. @returns what became of it */
type OnBad = (folder: GuestFolder) => Promise<string>

const leave: OnBad = async () => await Promise.resolve('it could not be moved aside')

/** The managed guests. */
export class GuestStore {
  readonly #folder: string
  readonly #now: () => Date

  /** @param folder `/var/lib/negotiator/guests` on a real machine; made when the first guest is */
  constructor(folder: string, now: () => Date = () => new Date()) {
    this.#folder = folder
    this.#now = now
  }

  /** Reads all; a definition that cannot be read is moved aside. @throws {SystemError} `store-unreadable` */
  async read(): Promise<StoredGuests> {
    const seen = await this.#readAll(leave)
    if (seen.faults.length === 0) return seen
    // Only who holds the lock may move one: another program might just be putting a good one in its place.
    return await this.#changing(async () => await this.#readAll(this.#moveAside)).catch(() => seen)
  }

  /** By name or uuid. @throws {UsageError} `no-such-guest` */
  async find(guest: string): Promise<Revision> {
    const { guests, faults } = await this.read()
    const fault = faults.find(({ uuid }) => uuid === parseUuid(guest))
    if (fault !== undefined) throw new UsageError(fault.sentence, { code: 'bad-definition' })
    const found = match(guests, guest)
    if (found !== undefined) return found
    const hint = didYouMean(
      guest,
      guests.map(({ values }) => values.name),
    )
    throw noSuchGuest(guest, hint === '' ? '; "guest list" tells which there are' : hint)
  }

  /**
   * Defines a guest, or changes it.
   * @throws {UsageError} `name-taken`, `changed-meanwhile`; {@link SystemError} `store-busy`, `cannot-write`
   */
  async put(change: GuestChange): Promise<Revision> {
    return await this.#changing(async () => await this.#putLocked(change))
  }

  /**
   * Takes the last change back; of a guest that was undefined, or whose definition is quarantined, brings it back.
   * @throws {UsageError} `no-such-guest`, `nothing-to-undo`, `name-taken`
   */
  async undo(guest: string, { isDryRun }: { readonly isDryRun: boolean }): Promise<Revision> {
    return await this.#changing(async () => {
      const { guests, faults } = await this.#readAll(this.#moveAside)
      const uuid =
        match(guests, guest)?.values.uuid ?? faults.find((fault) => fault.uuid === parseUuid(guest))?.uuid
      if (uuid === undefined) return await this.#restore(guest, { isDryRun })
      const previous = await this.#guestFolder(uuid).previous()
      if (previous === undefined)
        throw new UsageError(`Cannot undo a change of "${guest}": no earlier revision of it is kept`, {
          code: 'nothing-to-undo',
        })
      return await this.#putLocked({ ...previous, isDryRun })
    })
  }

  /** Undefines a guest: its folder goes to the trash, where one is kept for each uuid. */
  async remove(uuid: string): Promise<void> {
    await this.#changing(async () => {
      await mkdir(this.#trash, { recursive: true, mode: 0o700 })
      const trashed = join(this.#trash, uuid)
      await rm(trashed, { recursive: true, force: true })
      await rename(join(this.#folder, uuid), trashed)
      await syncFolder(this.#trash)
      await syncFolder(this.#folder)
    })
  }

  async #putLocked({
    values,
    origin,
    madeFrom,
    isDryRun,
  }: GuestChange & { readonly origin?: number }): Promise<Revision> {
    const { guests } = await this.#readAll(this.#moveAside)
    const { uuid, name } = values
    assertNameFree(guests, values)
    const before = match(guests, uuid)
    if (madeFrom !== undefined && before?.revision !== madeFrom)
      throw new UsageError(
        `Cannot change "${name}": its definition was changed meanwhile (revision ${before?.revision ?? 'none'}, wanted ${madeFrom}); begin again with the one in force`,
        { code: 'changed-meanwhile' },
      )
    if (isDryRun === true) {
      const revision = (before?.revision ?? 0) + 1
      return { revision, origin: origin ?? revision, values }
    }
    return await this.#guestFolder(uuid).write({ values, ...(origin === undefined ? {} : { origin }) })
  }

  /** Takes the guest's folder out of the trash. */
  async #restore(guest: string, { isDryRun }: { isDryRun: boolean }): Promise<Revision> {
    const uuids = await namesIn(this.#trash)
    const read = await Promise.all(
      uuids.map(async (uuid) => await new GuestFolder(join(this.#trash, uuid), uuid).current()),
    )
    const found = match(
      read.filter((one) => one !== undefined),
      guest,
    )
    if (found === undefined) throw noSuchGuest(guest, ', and none was undefined')
    assertNameFree((await this.#readAll(this.#moveAside)).guests, found.values)
    if (isDryRun) return found
    await rename(join(this.#trash, found.values.uuid), join(this.#folder, found.values.uuid))
    await syncFolder(this.#folder)
    return found
  }

  async #readAll(onBad: OnBad): Promise<StoredGuests> {
    const names = await namesIn(this.#folder)
    const uuids = names.filter((name) => parseUuid(name) === name)
    const read = await Promise.all(uuids.map(async (uuid) => await readOne(this.#guestFolder(uuid), onBad)))
    const guests = read.flatMap((one) => (one !== undefined && 'values' in one ? [one] : []))
    return {
      guests: guests.sort((left, right) => (left.values.name < right.values.name ? -1 : 1)),
      faults: read.flatMap((one) => (one !== undefined && 'sentence' in one ? [one] : [])),
    }
  }

  readonly #moveAside: OnBad = async (folder) => {
    try {
      return quarantinedFault(folder.uuid, await folder.quarantine(this.#now())).sentence
    } catch (cause) {
      return `it could not be moved aside: ${systemCodeOf(cause) ?? 'unknown error'}`
    }
  }

  async #changing<Value>(action: () => Promise<Value>): Promise<Value> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      return await whileLocked(join(this.#folder, '.lock'), action)
    } catch (cause) {
      const code = systemCodeOf(cause)
      if (code === undefined || cause instanceof UsageError || cause instanceof SystemError) throw cause
      throw new SystemError(`Cannot change the managed guests in "${this.#folder}": ${code}`, {
        code: 'cannot-write',
        cause,
      })
    }
  }

  get #trash(): string {
    return join(this.#folder, '.trash')
  }

  #guestFolder(uuid: string): GuestFolder {
    return new GuestFolder(join(this.#folder, uuid), uuid)
  }
}

async function readOne(folder: GuestFolder, onBad: OnBad): Promise<Revision | StoreFault | undefined> {
  const { uuid } = folder
  try {
    const revision = await folder.current()
    if (revision !== undefined) return revision
    const aside = await folder.quarantined()
    return aside === undefined ? undefined : quarantinedFault(uuid, aside)
  } catch (error) {
    const isBad = error instanceof UsageError
    return { uuid, sentence: isBad ? `${error.message}\n${await onBad(folder)}` : sentenceOf(error) }
  }
}

function match(guests: readonly Revision[], guest: string): Revision | undefined {
  const uuid = parseUuid(guest)
  return guests.find(({ values }) => (uuid === undefined ? values.name === guest : values.uuid === uuid))
}

function assertNameFree(guests: readonly Revision[], { name, uuid }: DefinitionValues): void {
  const holder = guests.find(({ values }) => values.name === name && values.uuid !== uuid)
  if (holder === undefined) return
  throw new UsageError(
    `Cannot define "${name}": the guest ${holder.values.uuid} has this name; to change that one, give its uuid in the file`,
    { code: 'name-taken' },
  )
}

function quarantinedFault(uuid: string, aside: string): StoreFault {
  return {
    uuid,
    sentence: `The guest ${uuid} has no definition that can be read; what it had is in "${aside}"; define it anew, or bring the revision before it back: guest undo ${uuid}`,
  }
}

function noSuchGuest(guest: string, rest: string): UsageError {
  return new UsageError(`Cannot find the managed guest "${guest}": none has this name or uuid${rest}`, {
    code: 'no-such-guest',
  })
}
