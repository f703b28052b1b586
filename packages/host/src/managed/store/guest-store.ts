/**
 * The managed guests of this host, each in a folder that is called by its uuid.
 * The disk is the truth: nothing is held in memory, so a program and the daemon never disagree. A guest that cannot be read is
 * told of and never stops the others.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  didYouMean,
  NegotiatorError,
  parseUuid,
  SystemError,
  systemCodeOf,
  UsageError,
} from '@negotiator/common'
import type { DefinitionValues } from '../definition-values.js'
import { GuestFolder } from './guest-folder.js'
import type { Revision } from './kept-file.js'
import { whileLocked } from './lock.js'
import { assertFolderOurs } from './only-ours.js'
import { assertNameFree, guestIn, quarantinedSentence, readGuests } from './stored-guests.js'
import type { OnBad, StoredGuests } from './stored-guests.js'
import { Trash } from './trash.js'

/** A definition to keep. */
export interface GuestChange {
  readonly values: DefinitionValues
  /** The revision that it was made from, where it was: it must still be the one in force. */
  readonly madeFrom?: number | undefined
  /** Check all, and write nothing. */
  readonly isDryRun?: boolean | undefined
}

type Change = GuestChange & { readonly origin?: number | undefined }

const leave: OnBad = async () => await Promise.resolve('It could not be moved aside')

/** The managed guests. */
export class GuestStore {
  readonly #folder: string
  readonly #trash: Trash
  readonly #now: () => Date

  /** @param folder `/var/lib/negotiator/guests` on a real machine; made when the first guest is */
  constructor(folder: string, now: () => Date = () => new Date()) {
    this.#folder = folder
    this.#trash = new Trash(folder)
    this.#now = now
  }

  /** Reads all; a definition that cannot be read is moved aside. @throws {SystemError} `store-unreadable`, `store-unsafe` */
  async read(): Promise<StoredGuests> {
    const seen = await this.#look()
    if (seen.faults.length === 0) return seen
    // Only who holds the lock may move one: another program might just be putting a good one in its place.
    return await this.#changing(async (now) => await Promise.resolve(now)).catch(() => seen)
  }

  /** By name or uuid. @throws {UsageError} `no-such-guest`, `bad-definition` */
  async find(guest: string): Promise<Revision> {
    const { guests, faults } = await this.read()
    const fault = faults.find(({ uuid }) => uuid === parseUuid(guest))
    if (fault !== undefined) throw new UsageError(fault.sentence, { code: 'bad-definition' })
    const found = guestIn(guests, guest)
    if (found !== undefined) return found
    const names = guests.map(({ values }) => values.name)
    throw noSuchGuest(guest, didYouMean(guest, names) || '; "guest list" tells which there are')
  }

  /**
   * Defines a guest, or changes it.
   * @throws {UsageError} `name-taken`, `changed-meanwhile`; {@link SystemError} `store-busy`, `cannot-write`, `store-unsafe`
   */
  async put(change: GuestChange): Promise<Revision> {
    return await this.#doing(change, async (now) => await this.#put(now, change))
  }

  /**
   * Takes the last change back; of a guest that was undefined, or whose definition is quarantined, brings it back.
   * @throws {UsageError} `no-such-guest`, `nothing-to-undo`, `name-taken`; {@link SystemError} as `put` does
   */
  async undo(guest: string, { isDryRun }: { readonly isDryRun: boolean }): Promise<Revision> {
    return await this.#doing({ isDryRun }, async (now) => {
      const bad = now.faults.find(({ uuid }) => uuid === parseUuid(guest))
      const uuid = guestIn(now.guests, guest)?.values.uuid ?? bad?.uuid
      if (uuid === undefined) return await this.#restore(now, { guest, isDryRun })
      const previous = await this.#guestFolder(uuid).previous()
      if (previous !== undefined) return await this.#put(now, { ...previous, isDryRun })
      throw new UsageError(`Cannot undo a change of "${guest}": no earlier revision of it is kept`, {
        code: 'nothing-to-undo',
      })
    })
  }

  /** Undefines a guest. */
  async remove(uuid: string): Promise<void> {
    await this.#changing(async () => await this.#trash.take(join(this.#folder, uuid)))
  }

  async #put(now: StoredGuests, { values, origin, madeFrom, isDryRun }: Change): Promise<Revision> {
    const { uuid, name } = values
    assertNameFree(now.guests, values)
    const before = guestIn(now.guests, uuid)?.revision
    if (madeFrom !== undefined && before !== madeFrom)
      throw new UsageError(
        `Cannot change "${name}": its definition was changed meanwhile (revision ${before ?? 'none'}, wanted ${madeFrom}); begin again with the one in force`,
        { code: 'changed-meanwhile' },
      )
    const folder = this.#guestFolder(uuid)
    return isDryRun === true ? await folder.next({ values, origin }) : await folder.write({ values, origin })
  }

  async #restore(
    now: StoredGuests,
    { guest, isDryRun }: { guest: string; isDryRun: boolean },
  ): Promise<Revision> {
    const found = await this.#trash.find(guest)
    if (found === undefined) throw noSuchGuest(guest, ', and none was undefined')
    assertNameFree(now.guests, found.values)
    if (!isDryRun) await this.#trash.giveBack(join(this.#folder, found.values.uuid))
    return found
  }

  /** Whoever only asks what would be takes no lock and makes no folder for it. */
  async #doing<Value>(
    { isDryRun }: { readonly isDryRun?: boolean | undefined },
    action: (now: StoredGuests) => Promise<Value>,
  ): Promise<Value> {
    return isDryRun === true ? await action(await this.#look()) : await this.#changing(action)
  }

  async #look(): Promise<StoredGuests> {
    assertFolderOurs(this.#folder)
    return await readGuests(this.#folder, leave)
  }

  async #changing<Value>(action: (now: StoredGuests) => Promise<Value>): Promise<Value> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      assertFolderOurs(this.#folder)
      return await whileLocked(
        join(this.#folder, '.lock'),
        async () => await action(await readGuests(this.#folder, this.#moveAside)),
      )
    } catch (cause) {
      const code = systemCodeOf(cause)
      if (code === undefined || cause instanceof NegotiatorError) throw cause
      throw new SystemError(`Cannot change the managed guests in "${this.#folder}": ${code}`, {
        code: 'cannot-write',
        cause,
      })
    }
  }

  readonly #moveAside: OnBad = async (folder) => {
    try {
      return quarantinedSentence(folder.uuid, await folder.quarantine(this.#now()))
    } catch (cause) {
      return `It could not be moved aside: ${systemCodeOf(cause) ?? 'unknown error'}`
    }
  }

  #guestFolder(uuid: string): GuestFolder {
    return new GuestFolder(join(this.#folder, uuid), uuid)
  }
}

function noSuchGuest(guest: string, rest: string): UsageError {
  return new UsageError(`Cannot find the managed guest "${guest}": none has this name or uuid${rest}`, {
    code: 'no-such-guest',
  })
}
