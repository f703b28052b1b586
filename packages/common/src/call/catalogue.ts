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

/** What a catalogue is made of. */
interface CatalogueParts {
  readonly registry: Registry
  /** Whether the caller may be told of a command. */
  readonly isTold: (name: string) => boolean
  /** Calls back when `isTold` may have changed, until the returned function is called. */
  readonly onPolicyChange: (tell: () => void) => () => void
}

/** Tells the commands that the caller may call now, and on each change, until the caller leaves. */
export function serveCatalogue(
  stream: IncomingCall,
  { registry, isTold, onPolicyChange }: CatalogueParts,
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
      stream.finish({ kind: 'cancelled', reason: 'the caller left' })
    },
    signal: () => undefined,
  })
  tell()
}

function entriesOf({ commands }: CommandSet, isTold: (name: string) => boolean): readonly CatalogueEntry[] {
  return [...commands.values()]
    .filter(({ name }) => isTold(name))
    .map(({ name, kind }): CatalogueEntry => ({ name, kind }))
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
