/**
 * negotiator-host as one file: the shipped commands are carried inside, and unpacked when a daemon starts.
 * scripts/pack/single-file.mjs writes the few lines that call this, with what is carried.
 */
import { unpackCommands } from '@negotiator/common'
import type { CarriedCommands } from '@negotiator/common'
import { runHostProgram } from './program.js'

/** What the file carries. */
export interface Carried {
  readonly commands: CarriedCommands
}

/** Runs the program. */
export async function runSingleFile(carried: Carried): Promise<void> {
  await runHostProgram({
    shippedFolders: async (needs) =>
      await unpackCommands({ side: 'host', commands: carried.commands, ...needs }),
  })
}
