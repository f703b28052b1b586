/**
 * What each member of the subcommand `guest` gets.
 */
import { join } from 'node:path'
import type { MakeSubcommand, ProgramContext } from '@negotiator/common'
import { GuestStore } from '../../managed/store/guest-store.js'

/** The options of all members; each has some of them. */
export interface GuestOptions {
  readonly format?: string
  readonly json?: boolean
  readonly dryRun?: boolean
  readonly mode?: string
  /** In milliseconds. */
  readonly timeout?: number
}

/** What a member works with. */
export interface GuestAction {
  readonly context: ProgramContext
  /** Whose configuration it is. */
  readonly command: ReturnType<MakeSubcommand>
  readonly store: GuestStore
  readonly args: readonly string[]
  readonly options: GuestOptions
}

export type ActOnGuests = (action: GuestAction) => Promise<void>

/** @param stateFolder the daemon's folder for what outlives a reboot */
export function openStore(stateFolder: string): GuestStore {
  return new GuestStore(join(stateFolder, 'guests'))
}

/** Says something that is no answer. */
export function tell(context: ProgramContext, sentence: string): void {
  context.options.output.stderr(`${context.name}: ${sentence}\n`)
}
