/**
 * Takes away what a driver has made, in reverse order: a file that is still as it was written, a folder that is empty.
 * All else is left and told, and stays in the record, so that it can be taken away once its reason is gone.
 */
import { lstat, readdir, readFile, rmdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCodeOf } from '@negotiator/common'
import type { OwnedEntry, OwnedRecord } from './owned-record.js'
import { sha256Of } from './piece.js'
import type { Piece } from './piece.js'
import type { Step } from './verbs.js'

interface Taking {
  /** Those that are meant, for what is told of pieces that are not ours. */
  readonly pieces: readonly Piece[]
  readonly isMeant: (entry: OwnedEntry) => boolean
  readonly record: OwnedRecord
  readonly isDryRun: boolean
}

/** @returns what was done, or would be */
export async function takePieces({ pieces, isMeant, record, isDryRun }: Taking): Promise<readonly Step[]> {
  const foreign = await Promise.all(
    pieces.filter(({ path }) => record.find(path) === undefined).map(foreignStep),
  )
  const steps: Step[] = []
  for (const entry of record.entries.filter(isMeant).toReversed()) {
    const removed = new Set(steps.filter(({ outcome }) => outcome === 'removed').map(({ path }) => path))
    const step = entry.kind === 'file' ? await judgeFile(entry) : await judgeFolder(entry, removed)
    if (step.outcome === 'removed' && !isDryRun) await (entry.kind === 'file' ? unlink : rmdir)(entry.path)
    steps.push(step)
    // One by one, for what follows may fail.
    if (step.outcome !== 'left' && !isDryRun)
      await record.keep(record.entries.filter(({ path }) => path !== entry.path))
  }
  return [...steps, ...foreign]
}

async function foreignStep({ path }: Piece): Promise<Step> {
  const isThere = (await lookAt(path)) !== undefined
  return isThere ? { path, outcome: 'left', why: 'it is not ours' } : { path, outcome: 'absent' }
}

async function judgeFile({ path, sha256s }: OwnedEntry): Promise<Step> {
  const stats = await lookAt(path)
  if (stats === undefined) return { path, outcome: 'absent' }
  const isOurs = stats.isFile() && sha256s.includes(sha256Of(await readFile(path)))
  return isOurs
    ? { path, outcome: 'removed' }
    : { path, outcome: 'left', why: 'somebody has changed it since' }
}

/** @param removed what is gone, or would be */
async function judgeFolder({ path }: OwnedEntry, removed: ReadonlySet<string>): Promise<Step> {
  const stats = await lookAt(path)
  if (stats === undefined) return { path, outcome: 'absent' }
  if (!stats.isDirectory()) return { path, outcome: 'left', why: 'it is no longer a folder' }
  const others = (await readdir(path)).filter((name) => !removed.has(join(path, name)))
  if (others.length === 0) return { path, outcome: 'removed' }
  const [first, count] = [others[0], others.length - 1]
  const more = count === 0 ? '' : ` and ${count} more`
  return { path, outcome: 'left', why: `it is not empty: "${first}"${more}` }
}

async function lookAt(path: string): Promise<Awaited<ReturnType<typeof lstat>> | undefined> {
  return await lstat(path).catch((error: unknown) => {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  })
}
