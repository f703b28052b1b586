/**
 * The commands of one side as the other side sees them.
 * Floor 5.
 */
import { catalogueEntriesMax, commandKindLengthMax, secretArgsMax, summaryLengthMax } from '../limits.js'
import { escapeControl } from '../log.js'
import { PeerError } from '../errors.js'
import { isCommandName } from '../registry/command.js'
import type { Command } from '../registry/command.js'
import type { Registry } from '../registry/registry.js'
import type { CommandSet } from '../registry/scan.js'
import { objectFrom, optionalPositionsIn, optionalTextIn, textIn } from '../wire/fields.js'
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
  /** Positions of arguments that no log shows, from 1 on; absent when the other side does not say, as older ones do not. */
  readonly secretArgs?: readonly number[]
}

/** What a catalogue is made of. */
interface CatalogueParts {
  readonly registry: Pick<Registry, 'set' | 'subscribe'>
  /** Whether the caller may be told of a command. */
  readonly isTold: (name: string) => boolean
  /** Calls back when `isTold` may have changed, until the returned function is called. */
  readonly onPolicyChange: (tell: () => void) => () => void
  /** The caller has left. */
  readonly onOver: () => void
}

/** Tells the commands that the caller may call now, and on each change, until the caller leaves. */
export function serveCatalogue(
  stream: IncomingCall,
  { registry, isTold, onPolicyChange, onOver }: CatalogueParts,
): void {
  let told = ''
  const tell = (): void => {
    const commands = entriesOf(registry.set, isTold)
    const text = JSON.stringify(commands)
    if (text !== told) writeJsonLine(stream.stdout, { commands })
    told = text
  }
  const unsubscribes = [registry.subscribe(tell), onPolicyChange(tell)]
  stream.listen({
    stop: () => {
      for (const unsubscribe of unsubscribes) unsubscribe()
      onOver()
      stream.finish({ kind: 'cancelled', reason: 'the caller left' })
    },
    signal: () => undefined,
  })
  tell()
}

/**
 * What fits a line of the other side. When it is too much with summaries, names are what is needed to call, and secrets stay
 * secret; what is too much even so is not told, like what is beyond the number of entries.
 */
function entriesOf({ commands }: CommandSet, isTold: (name: string) => boolean): readonly CatalogueEntry[] {
  const told = [...commands.values()].filter(({ name }) => isTold(name))
  const entries = told.slice(0, catalogueEntriesMax).map(entryOf)
  if (bytesOf({ commands: entries }) < lineBytesMax) return entries
  return firstOf(entries.map(({ name, kind, secretArgs = [] }) => ({ name, kind, secretArgs })))
}

/** The first that fit. */
function firstOf(entries: readonly CatalogueEntry[]): readonly CatalogueEntry[] {
  let byteCount = bytesOf({ commands: [] })
  for (const [index, entry] of entries.entries()) {
    byteCount += bytesOf(entry) + ','.length
    if (byteCount >= lineBytesMax) return entries.slice(0, index)
  }
  return entries
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}

function entryOf({ name, kind, settings: { summary, usage, secretArgs = [] } }: Command): CatalogueEntry {
  return {
    name,
    kind,
    ...(summary === undefined ? {} : { summary }),
    ...(usage === undefined ? {} : { usage }),
    // Told where there is none, too: a side that says nothing may not know the field.
    secretArgs,
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
  // Never cut, as texts are: the log would show the rest.
  const secretArgs = optionalPositionsIn(fields, { name: 'secretArgs', countMax: secretArgsMax })
  return {
    name: textIn(fields, 'name'),
    kind: shown(textIn(fields, 'kind'), commandKindLengthMax),
    ...(summary === undefined ? {} : { summary: shown(summary, summaryLengthMax) }),
    ...(usage === undefined ? {} : { usage: shown(usage, summaryLengthMax) }),
    ...(secretArgs === undefined ? {} : { secretArgs }),
  }
}

/** Cut before it is escaped, too: what came may be long. */
function shown(text: string, lengthMax: number): string {
  return escapeControl(text.slice(0, lengthMax)).slice(0, lengthMax)
}
