/**
 * What is remembered of a managed guest's life, in a file of its own beside its definition: a definition is what somebody wants, this
 * is what has come of it. Whether a machine runs is never kept here: the hypervisor is asked.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCodeOf } from '@negotiator/common'
import type { MachineEnd } from '../../drivers/machines.js'
import { writeWhole } from '../store/write-whole.js'

/** A guest's record. */
export interface LifeRecord {
  /** Restarts in a row. */
  readonly restartCount: number
  /** When it was started last, in milliseconds since 1970. */
  readonly startedMs?: number | undefined
  /** The host's boot in which it was left off on purpose: another daemon of that boot does not start it. */
  readonly offInBoot?: string | undefined
  /** Of a guest that stands for another one's end. */
  readonly keptFrom?: KeptFrom | undefined
}

/** What a guest was that has been set aside. */
export interface KeptFrom {
  readonly uuid: string
  readonly end: MachineEnd
  /** In milliseconds since 1970. */
  readonly atMs: number
  /** The file with its memory, where it could be written: an ELF core. */
  readonly memory?: string | undefined
}

const fresh: LifeRecord = { restartCount: 0 }

/** The records of all guests. */
export class LifeRecords {
  readonly #folder: string

  /** @param folder the store's, with a folder for each guest */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** A record that is not there, or damaged, is that of a guest which was never started: nothing else hangs on it. */
  async read(uuid: string): Promise<LifeRecord> {
    const text = await readFile(this.#file(uuid), 'utf8').catch(() => '')
    return { ...fresh, ...parsed(text) }
  }

  /** Changes a record; that of a guest which was undefined meanwhile is let go. */
  async change(uuid: string, change: Partial<LifeRecord>): Promise<void> {
    const record = { ...(await this.read(uuid)), ...change }
    await writeWhole(this.#file(uuid), `${JSON.stringify(record)}\n`).catch((cause: unknown) => {
      if (systemCodeOf(cause) !== 'ENOENT') throw cause
    })
  }

  /** A file for the memory of a guest that is set aside. */
  memoryFile(uuid: string): string {
    return join(this.#folder, uuid, 'memory.core')
  }

  #file(uuid: string): string {
    return join(this.#folder, uuid, 'life.json')
  }
}

function parsed(text: string): Partial<LifeRecord> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? checked({ ...value }) : {}
  } catch {
    return {}
  }
}

/** @param fields as this program wrote them, unless somebody edited the file */
function checked(fields: Readonly<Record<string, unknown>>): Partial<LifeRecord> {
  const { restartCount, startedMs, offInBoot, keptFrom } = fields
  return {
    ...(Number.isSafeInteger(restartCount) && { restartCount: Number(restartCount) }),
    ...(typeof startedMs === 'number' && { startedMs }),
    ...(typeof offInBoot === 'string' && { offInBoot }),
    ...(typeof keptFrom === 'object' && keptFrom !== null && { keptFrom: keptFrom as KeptFrom }),
  }
}
