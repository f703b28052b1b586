/**
 * What discovery knows of a machine that we started, beside its command line: whether it has ended by itself, and what its guest is
 * called by now.
 * It reads files and never asks the monitor, which others need.
 */
import type { ManagedName } from '../kind.js'
import { readJournal } from './event-journal.js'
import { journalBeside } from './machine-places.js'
import type { QemuProcess } from './qemu-processes.js'

/** A machine of ours. */
export interface OwnMachine {
  readonly hasEnded: boolean
  /** A guest may be renamed while it runs; its command line stays. */
  readonly name: string | undefined
}

const unknownName: ManagedName = async () => await Promise.resolve(undefined)

/** @returns `undefined` when somebody else started it */
export async function ownMachine(
  { machine: { uuid, monitor } }: QemuProcess,
  managedName: ManagedName = unknownName,
): Promise<OwnMachine | undefined> {
  const journal = uuid === undefined || monitor === undefined ? undefined : journalBeside(monitor, uuid)
  if (uuid === undefined || journal === undefined) return undefined
  const end = await readJournal(journal)
  return { hasEnded: ['poweroff', 'reboot', 'crash'].includes(end), name: await managedName(uuid) }
}
