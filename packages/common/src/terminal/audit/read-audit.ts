/**
 * Reads the audit log from its files: what there is, and what comes.
 * Floor 8. It does not need the daemon, and changes nothing.
 */
import type { Clock } from '../../clock.js'
import { SystemError, systemCodeOf } from '../../errors.js'
import { parseEntry } from './audit-entry.js'
import type { AuditEntry } from './audit-entry.js'
import { isWanted } from './audit-filter.js'
import type { AuditFilter } from './audit-filter.js'
import { FileChanges } from './file-changes.js'
import { followLines } from './follow.js'
import { GrowingFile } from './growing-file.js'
import { rotatedFiles, rotatedLines } from './rotated-files.js'

/** What to read of it. */
export interface AuditReading {
  readonly path: string
  readonly filter: AuditFilter
  /** The last so many; all of them when absent. */
  readonly count?: number | undefined
  /** Until it fires what comes is read, too. */
  readonly follow?: AbortSignal | undefined
  readonly clock: Clock
  /** Hears of an older part that cannot be read. */
  readonly complain: (sentence: string) => void
}

/** One of the files, as a list of lines. */
type Part = () => AsyncIterable<string>

/**
 * The entries that are wanted, oldest first.
 * @throws {SystemError} `audit-unreadable`
 */
export async function* readAudit(reading: AuditReading): AsyncGenerator<AuditEntry, void, undefined> {
  const { path, filter, count, follow, clock } = reading
  // Before anything is read, so that no change is missed.
  const changes = follow && new FileChanges({ path, clock })
  // The youngest before the older ones: if it is moved now, it is known by its inode.
  const file = await opened(path)
  try {
    const older = await olderParts(reading, await file?.inode())
    if (file === undefined && older.length === 0) throw unreadable(path, 'ENOENT')
    const parts = [...older, youngestPart(file, follow)]
    yield* count === undefined ? all(parts, filter) : last(parts, { filter, count })
    if (follow === undefined || changes === undefined) return
    yield* all([() => followLines({ path, file, changes, signal: follow })], filter)
  } finally {
    changes?.close()
    await file?.close()
  }
}

async function opened(path: string): Promise<GrowingFile | undefined> {
  try {
    return await GrowingFile.open(path)
  } catch (error) {
    throw unreadable(path, systemCodeOf(error))
  }
}

async function olderParts({ path, filter, complain }: AuditReading, inode = -1): Promise<readonly Part[]> {
  const { sinceMs = 0 } = filter
  const files = await rotatedFiles(path).catch((error: unknown) => {
    throw unreadable(path, systemCodeOf(error))
  })
  const wanted = files.filter((file) => file.inode !== inode && file.changedMs >= sinceMs)
  return wanted.map(
    (file) =>
      async function* lines() {
        try {
          yield* rotatedLines(file.path)
        } catch (error) {
          complain(
            `Cannot read "${file.path}": ${systemCodeOf(error) ?? 'unknown error'}; the calls in it are missing here`,
          )
        }
      },
  )
}

/** Half a line at the end is shown, unless the other half may still come. */
function youngestPart(file: GrowingFile | undefined, follow: AbortSignal | undefined): Part {
  return async function* lines() {
    if (file === undefined) return
    yield* file.lines()
    if (follow === undefined) yield* file.rest()
  }
}

async function* all(
  parts: readonly Part[],
  filter: AuditFilter,
): AsyncGenerator<AuditEntry, void, undefined> {
  for (const part of parts)
    for await (const line of part()) {
      const entry = parseEntry(line)
      if (isWanted(entry, filter)) yield entry
    }
}

/** Begins with the youngest part, and reads older ones only as long as there are too few. */
async function* last(
  parts: readonly Part[],
  { filter, count }: { filter: AuditFilter; count: number },
): AsyncGenerator<AuditEntry, void, undefined> {
  let kept: readonly AuditEntry[] = []
  for (const part of [...parts].reverse()) {
    const own: AuditEntry[] = []
    for await (const entry of all([part], filter)) {
      own.push(entry)
      if (own.length > count - kept.length) own.shift()
    }
    kept = [...own, ...kept]
    if (kept.length >= count) break
  }
  yield* kept
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; the daemon makes it when it starts',
  EACCES: 'this user may not read it; run this as root, or as a member of the group that it belongs to',
}

function unreadable(path: string, code = 'unknown error'): SystemError {
  return new SystemError(`Cannot read the audit log "${path}": ${reasons[code] ?? code}`, {
    code: 'audit-unreadable',
  })
}
