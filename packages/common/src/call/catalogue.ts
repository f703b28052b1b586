/**
 * The commands of one side as the other side sees them.
 * Floor 5.
 */
import { catalogueEntriesMax, commandKindLengthMax, summaryLengthMax } from '../limits.js'
import { escapeControl } from '../log.js'
import { PeerError } from '../errors.js'
import { isCommandName } from '../registry/command.js'
import type { Command } from '../registry/command.js'
import type { Registry } from '../registry/registry.js'
import type { CommandSet } from '../registry/scan.js'
import { objectFrom, optionalTextIn, textIn } from '../wire/fields.js'
import type { Fields } from '../wire/fields.js'
import { lineBytesMax, writeJsonLine } from './json-lines.js'
import type { IncomingCall } from './call.js'

/** One command, as told to the other side: no path. */
export interface CatalogueEntry {
  readonly name: string
  readonly kind: string
  /** One line; from a peer it is cut, and safe to show. */
  readonly summary?: string
  /** What stands behind the name, likewise. */
  readonly usage?: string
}

/** Tells the commands now and on each change, until the caller leaves. */
export function serveCatalogue(stream: IncomingCall, registry: Pick<Registry, 'set' | 'subscribe'>): void {
  const tell = (set: CommandSet): void => writeJsonLine(stream.stdout, { commands: entriesOf(set) })
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

/** What fits a line of the other side: when it is too much with summaries, names are what is needed to call. */
function entriesOf({ commands }: CommandSet): readonly CatalogueEntry[] {
  const entries = [...commands.values()].slice(0, catalogueEntriesMax).map(entryOf)
  if (Buffer.byteLength(JSON.stringify({ commands: entries })) < lineBytesMax) return entries
  return entries.map(({ name, kind }) => ({ name, kind }))
}

function entryOf({ name, kind, settings: { summary, usage } }: Command): CatalogueEntry {
  return {
    name,
    kind,
    ...(summary === undefined ? {} : { summary }),
    ...(usage === undefined ? {} : { usage }),
  }
}

/**
 * Reads one line of a catalogue. Names that are none are passed over, and so is what is told twice or beyond the bound.
 * @throws {PeerError} `bad-message`
 */
export function catalogueFrom(value: unknown): readonly CatalogueEntry[] {
  const { commands } = objectFrom(value, 'catalogue')
  if (!Array.isArray(commands))
    throw new PeerError('Cannot read a catalogue: it holds no list', { code: 'bad-message' })
  const entries = new Map<string, CatalogueEntry>()
  for (const item of commands.slice(0, catalogueEntriesMax)) {
    const entry = entryFrom(objectFrom(item, 'command'))
    if (isCommandName(entry.name) && !entries.has(entry.name)) entries.set(entry.name, entry)
  }
  return [...entries.values()]
}

function entryFrom(fields: Fields): CatalogueEntry {
  const [summary, usage] = [optionalTextIn(fields, 'summary'), optionalTextIn(fields, 'usage')]
  return {
    name: textIn(fields, 'name'),
    kind: shown(textIn(fields, 'kind'), commandKindLengthMax),
    ...(summary === undefined ? {} : { summary: shown(summary, summaryLengthMax) }),
    ...(usage === undefined ? {} : { usage: shown(usage, summaryLengthMax) }),
  }
}

/** Cut before it is escaped, too: what came may be long. */
function shown(text: string, lengthMax: number): string {
  return escapeControl(text.slice(0, lengthMax)).slice(0, lengthMax)
}
