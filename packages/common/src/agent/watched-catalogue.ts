/**
 * A peer's commands, as it tells them for as long as its session lives.
 * Floor 7.
 */
import { catalogueFrom } from '../call/catalogue.js'
import type { CatalogueEntry } from '../call/catalogue.js'
import { readJsonLines } from '../call/json-lines.js'
import { PeerError } from '../errors.js'
import type { Session } from '../session/session.js'

interface CatalogueListener {
  /** Now, and after each change. */
  readonly told: (commands: readonly CatalogueEntry[]) => void
  /** What it tells cannot be read, and is read no further. */
  readonly bad: (error: PeerError) => void
}

/** Begins to watch. */
export function watchCatalogue(session: Session, { told, bad }: CatalogueListener): void {
  const stream = session.open({ ask: 'commands' })
  const giveUp = (error: PeerError): void => {
    stream.cancel()
    bad(error)
  }
  stream.stdin.end()
  stream.stderr.discard()
  readJsonLines(stream.stdout, {
    value: (value) => {
      const commands = readCatalogue(value)
      if (commands instanceof PeerError) giveUp(commands)
      else told(commands)
    },
    bad: giveUp,
  })
}

function readCatalogue(value: unknown): readonly CatalogueEntry[] | PeerError {
  try {
    return catalogueFrom(value)
  } catch (error) {
    if (error instanceof PeerError) return error
    throw error
  }
}
