/**
 * What there is in the store's folder: the guests that can be used, and for each of the others why it cannot.
 * It only reads; what becomes of a definition that is bad is its caller's to say.
 */
import { parseUuid, sentenceOf, UsageError } from '@negotiator/common'
import { join } from 'node:path'
import type { DefinitionValues } from '../definition-values.js'
import { GuestFolder, namesIn } from './guest-folder.js'
import type { Revision } from './kept-file.js'

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

/** What is done about a definition that cannot be read. @returns what became of it, as a sentence */
export type OnBad = (folder: GuestFolder) => Promise<string>

/** @throws {SystemError} `store-unreadable` when the folder itself cannot be read; one that is not there has no guests */
export async function readGuests(folder: string, onBad: OnBad): Promise<StoredGuests> {
  const names = await namesIn(folder)
  const uuids = names.filter((name) => parseUuid(name) === name)
  const read = await Promise.all(
    uuids.map(async (uuid) => await readOne(new GuestFolder(join(folder, uuid), uuid), onBad)),
  )
  const guests = read.flatMap((one) => (one !== undefined && 'values' in one ? [one] : []))
  return {
    guests: guests.sort((left, right) => (left.values.name < right.values.name ? -1 : 1)),
    faults: read.flatMap((one) => (one !== undefined && 'sentence' in one ? [one] : [])),
  }
}

async function readOne(folder: GuestFolder, onBad: OnBad): Promise<Revision | StoreFault | undefined> {
  const { uuid } = folder
  try {
    const revision = await folder.current()
    if (revision !== undefined) return revision
    const aside = await folder.quarantined()
    return aside === undefined ? undefined : { uuid, sentence: quarantinedSentence(uuid, aside) }
  } catch (error) {
    const isBad = error instanceof UsageError
    return { uuid, sentence: isBad ? `${error.message}\n${await onBad(folder)}` : sentenceOf(error) }
  }
}

/** @param aside where its definition is now */
export function quarantinedSentence(uuid: string, aside: string): string {
  return `The guest ${uuid} has no definition that can be read; what it had is in "${aside}"; define it anew, or bring the revision before it back: guest undo ${uuid}`
}

/** By name or uuid; no name is a uuid. */
export function guestIn(guests: readonly Revision[], guest: string): Revision | undefined {
  const uuid = parseUuid(guest)
  return guests.find(({ values }) => (uuid === undefined ? values.name === guest : values.uuid === uuid))
}

/** @throws {UsageError} `name-taken` */
export function assertNameFree(guests: readonly Revision[], { name, uuid }: DefinitionValues): void {
  const holder = guests.find(({ values }) => values.name === name && values.uuid !== uuid)
  if (holder === undefined) return
  throw new UsageError(
    `Cannot name a guest "${name}": ${holder.values.uuid} has this name; take another, or define that one with its uuid`,
    { code: 'name-taken' },
  )
}
