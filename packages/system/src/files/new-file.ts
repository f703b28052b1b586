/**
 * A file that takes its place in one step: until then it has a name that nobody can guess and is its owner's alone.
 * Whoever reads the old file reads all of it, whoever reads the new one, too. A step that fails leaves the old one as it was.
 */
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { errorCodeOf } from './error-code.js'
import { failed } from '../failure.js'
import type { HeldFolder } from './held-folder.js'

const newFileFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

/** Whose a file is and who may use it. */
export interface Ownership {
  /** Permission bits. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

interface Place {
  readonly folder: HeldFolder
  /** The name that the file has in the end. */
  readonly name: string
}

/** A file that is being written. It ends with `place()`, and with `drop()` in any case, which then does no harm. */
export class NewFile {
  readonly #place: Place
  readonly #temporaryName = `.negotiator-${randomBytes(16).toString('hex')}`
  readonly #descriptor: number
  #isOpen = true

  constructor(place: Place) {
    this.#place = place
    this.#descriptor = this.#attempt(() =>
      openSync(place.folder.at(this.#temporaryName), newFileFlags, 0o600),
    )
  }

  write(bytes: Uint8Array): void {
    this.#attempt(() => writeFileSync(this.#descriptor, bytes))
  }

  /** Gives it away, to the disk and to its place. */
  place({ mode, uid, gid }: Ownership): void {
    const { folder, name } = this.#place
    this.#attempt(() => {
      // The owner first: with the mode first, the old group could read it for a moment.
      fchownSync(this.#descriptor, uid, gid)
      fchmodSync(this.#descriptor, mode)
      fsyncSync(this.#descriptor)
      renameSync(folder.at(this.#temporaryName), folder.at(name))
      folder.sync()
    })
  }

  drop(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    closeSync(this.#descriptor)
    rmSync(this.#place.folder.at(this.#temporaryName), { force: true })
  }

  #attempt<T>(work: () => T): T {
    try {
      return work()
    } catch (cause) {
      const { folder, name } = this.#place
      throw failed(`Cannot write "${join(folder.path, name)}": ${errorCodeOf(cause)}`)
    }
  }
}

/** Puts a file of known content into its place. */
export function placeFile(
  place: Place,
  { content, ...ownership }: Ownership & { readonly content: string | Uint8Array },
): void {
  const file = new NewFile(place)
  try {
    file.write(Buffer.from(content))
    file.place(ownership)
  } finally {
    file.drop()
  }
}

/**
 * Keeps the file that is about to be replaced, under a name of its own beside it: the same file, with its owner and mode.
 * @returns the name, such as `app.conf.20261121T183000Z.bak`
 */
export function keepBackup({ folder, name, now }: Place & { readonly now: Date }): string {
  const stamp = now.toISOString().replace(/[-:]|\.\d+/g, '')
  for (const suffix of ['', ...Array.from({ length: 99 }, (_, index) => `-${index + 1}`)]) {
    const backupName = `${name}.${stamp}${suffix}.bak`
    try {
      // A link replaces nothing that has this name already.
      linkSync(folder.at(name), folder.at(backupName))
      return backupName
    } catch (cause) {
      if (errorCodeOf(cause) === 'EEXIST') continue
      throw failed(`Cannot keep a backup of "${name}": ${errorCodeOf(cause)}; nothing was changed`)
    }
  }
  throw failed(`Cannot keep a backup of "${name}": there are 100 of this second; nothing was changed`)
}
