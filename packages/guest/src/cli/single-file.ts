/**
 * negotiator-guest as one file: what must be a file on the disk is carried inside, and unpacked when a daemon starts.
 * scripts/pack/single-file.mjs writes the few lines that call this, with what is carried.
 */
import { findOrUnpackPolicy, unpackCommands, unpackKoffi, unpackPolicy } from '@negotiator/common/program'
import type { CarriedAddon, CarriedCommands } from '@negotiator/common'
import { runGuestProgram } from './program.js'

/** What the file carries. */
export interface Carried {
  readonly commands: CarriedCommands
  /** The shipped policy's text. */
  readonly policy: string
  readonly addon: CarriedAddon
}

/** Runs the program. */
export async function runSingleFile({ commands, policy, addon }: Carried): Promise<void> {
  await runGuestProgram({
    shipped: async (needs) => ({
      commandFolders: await unpackCommands({ side: 'guest', commands, ...needs }),
      policyFile: await unpackPolicy({ side: 'guest', policy, ...needs }),
    }),
    shippedPolicy: async (needs) => await findOrUnpackPolicy({ side: 'guest', policy, ...needs }),
    findKoffi: async ({ config }) => await unpackKoffi(addon, config),
  })
}
