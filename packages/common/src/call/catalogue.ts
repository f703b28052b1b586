/**
 * The commands of one side as the other side sees them.
 * Floor 5.
 */
import type { Registry } from '../registry/registry.js'
import type { CommandSet } from '../registry/scan.js'
import { objectFrom, textIn } from '../wire/fields.js'
import { PeerError } from '../errors.js'
import { isCommandName } from '../registry/command.js'
import { writeJsonLine } from './json-lines.js'
import type { IncomingCall } from './call.js'

/** One command, as told to the other side: no path. */
export interface CatalogueEntry {
  readonly name: string
  readonly kind: string
}

/** Tells the commands now and on each change, until the caller leaves. */
export function serveCatalogue(stream: IncomingCall, registry: Registry): void {
  const tell = (set: CommandSet): void =>
    writeJsonLine(stream.stdout, {
      commands: [...set.commands.values()].map(({ name, kind }): CatalogueEntry => ({ name, kind })),
    })
  const unsubscribe = registry.subscribe(tell)
  stream.listen({
    stop: () => {
      unsubscribe()
      stream.finish({ kind: 'cancelled', reason: 'the caller left' })
    },
    signal: () => undefined,
  })
  tell(registry.set)
}

/** Reads one line of a catalogue. @throws {PeerError} `bad-message` */
export function catalogueFrom(value: unknown): readonly CatalogueEntry[] {
  const { commands } = objectFrom(value, 'catalogue')
  if (!Array.isArray(commands))
    throw new PeerError('Cannot read a catalogue: it holds no list', { code: 'bad-message' })
  return commands
    .map((item: unknown) => objectFrom(item, 'command'))
    .map((fields) => ({ name: textIn(fields, 'name'), kind: textIn(fields, 'kind').slice(0, 32) }))
    .filter(({ name }) => isCommandName(name))
}
