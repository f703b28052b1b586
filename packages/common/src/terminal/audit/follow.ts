/**
 * Goes on reading a log as it grows, across rotation, as `tail -F` does.
 * Floor 8.
 */
import type { FileChanges } from './file-changes.js'
import { GrowingFile } from './growing-file.js'

interface FollowOptions {
  readonly path: string
  /** The file that has been read so far; it is closed here. */
  readonly file: GrowingFile | undefined
  readonly changes: FileChanges
  readonly signal: AbortSignal
}

/** The lines that come from now on, until the signal fires. */
export async function* followLines({
  path,
  file,
  changes,
  signal,
}: FollowOptions): AsyncGenerator<string, void, undefined> {
  let current = file
  try {
    while (!signal.aborted) {
      current ??= await GrowingFile.open(path)
      if (current !== undefined) yield* current.lines()
      if (current === undefined || !(await current.isSucceededAt(path))) await changes.next(signal)
      else {
        // The writer has begun a new file, so the old one is complete now.
        yield* current.lines()
        yield* current.rest()
        await current.close()
        current = undefined
      }
    }
  } finally {
    await current?.close()
  }
}
