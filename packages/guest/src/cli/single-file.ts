/**
 * negotiator-guest as one file: what must be a file on the disk is carried inside, and unpacked when a daemon starts.
 * scripts/pack/single-file.mjs writes the few lines that call this, with what is carried.
 */
import { unpackCommands, unpackKoffi } from '@negotiator/common'
import type { CarriedAddon, CarriedCommands } from '@negotiator/common'
import { runGuestProgram } from './program.js'

/** What the file carries. */
export interface Carried {
  readonly commands: CarriedCommands
  readonly addon: CarriedAddon
}

/** Runs the program. */
export async function runSingleFile({ commands, addon }: Carried): Promise<void> {
  await runGuestProgram({
    shippedFolders: async (needs) => await unpackCommands({ side: 'guest', commands, ...needs }),
    findKoffi: async ({ config }) => await unpackKoffi(addon, config),
  })
}
