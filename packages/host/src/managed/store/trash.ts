/**
 * Where the folders of guests go that were undefined, until they are wanted again: one is kept for each uuid.
 * Changes are made by one program at a time: the store sees to that.
 */
import { mkdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { readGuests, guestIn } from './stored-guests.js'
import type { Revision } from './kept-file.js'
import { syncFolder } from './write-whole.js'

/** The trash of one store. */
export class Trash {
  readonly #path: string

  /** @param storeFolder it lies in there */
  constructor(storeFolder: string) {
    this.#path = join(storeFolder, '.trash')
  }

  /** Takes a guest's folder in. */
  async take(folder: string): Promise<void> {
    await mkdir(this.#path, { recursive: true, mode: 0o700 })
    const trashed = join(this.#path, basename(folder))
    await rm(trashed, { recursive: true, force: true })
    await this.#move(folder, trashed)
  }

  /** What one of them was, by name or uuid. One that cannot be read is none. */
  async find(guest: string): Promise<Revision | undefined> {
    const { guests } = await readGuests(this.#path, async () => await Promise.resolve('it stays'))
    return guestIn(guests, guest)
  }

  /** Gives a guest's folder back. */
  async giveBack(folder: string): Promise<void> {
    await this.#move(join(this.#path, basename(folder)), folder)
  }

  async #move(from: string, to: string): Promise<void> {
    await rename(from, to)
    for (const folder of [dirname(to), dirname(from)]) await syncFolder(folder)
  }
}
