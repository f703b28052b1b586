/**
 * Brings one piece to where it belongs, with the folders above it that are missing.
 * A file is replaced in one step, and only when what is there is what a driver of ours wrote.
 */
import { chmod, lstat, mkdir, readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { replaceFile, systemCodeOf } from '@negotiator/common'
import type { OwnedEntry, OwnedRecord } from './owned-record.js'
import { sha256Of } from './piece.js'
import type { Piece } from './piece.js'
import type { Step } from './verbs.js'

interface Bringing<P = Piece> {
  readonly piece: P
  readonly record: OwnedRecord
  readonly isDryRun: boolean
}

type FolderPiece = Extract<Piece, { kind: 'folder' }>
type FilePiece = Extract<Piece, { kind: 'file' }>

const notOurs = 'it was there before, so it stays when the driver goes'

/** @returns what was done or would be, folders above it first */
export async function bringPiece({ piece, record, isDryRun }: Bringing): Promise<readonly Step[]> {
  const steps: Step[] = []
  for (const path of await missingAbove(piece.path)) {
    const above: FolderPiece = { kind: 'folder', path, mode: 0o755, madeBy: piece.madeBy, purpose: '' }
    steps.push(await bringFolder({ piece: above, record, isDryRun }))
  }
  const brought =
    piece.kind === 'folder'
      ? await bringFolder({ piece, record, isDryRun })
      : await bringFile({ piece, record, isDryRun })
  return [...steps, brought]
}

/** The uppermost first. */
async function missingAbove(path: string): Promise<readonly string[]> {
  const above = dirname(path)
  if (above === path) return []
  const isThere = await lstat(above).then(() => true, absentOnly)
  return isThere ? [] : [...(await missingAbove(above)), above]
}

function absentOnly(error: unknown): false {
  if (systemCodeOf(error) === 'ENOENT') return false
  throw error
}

async function bringFolder({ piece, record, isDryRun }: Bringing<FolderPiece>): Promise<Step> {
  const { path, mode } = piece
  // Through a link, for whoever put one there meant the folder behind it.
  const stats = await stat(path).catch(absentOnly)
  if (stats !== false && !stats.isDirectory()) return { path, outcome: 'left', why: 'it is not a folder' }
  if (stats !== false) return { path, outcome: 'there', why: record.find(path) ? undefined : notOurs }
  if (isDryRun) return { path, outcome: 'made' }
  await record.note(entryOf(piece, []))
  await mkdir(path)
  await chmod(path, mode) // Whatever the umask is.
  return { path, outcome: 'made' }
}

async function bringFile(bringing: Bringing<FilePiece>): Promise<Step> {
  const { piece, record, isDryRun } = bringing
  const { path, content } = piece
  const stats = await lstat(path).catch(absentOnly)
  if (stats !== false && !stats.isFile()) return { path, outcome: 'left', why: 'it is not a regular file' }
  const written = record.find(path)?.sha256s ?? []
  const found = stats === false ? undefined : sha256Of(await readFile(path))
  if (found === sha256Of(content))
    return { path, outcome: 'there', why: written.includes(found) ? undefined : notOurs }
  if (found !== undefined && !written.includes(found)) return { path, outcome: 'left', why: whyLeft(written) }
  if (!isDryRun) {
    const kept = found === undefined ? [] : [found]
    await record.note(entryOf(piece, [...kept, sha256Of(content)]))
    await replaceFile(piece.path, piece)
  }
  return { path, outcome: found === undefined ? 'made' : 'changed' }
}

function whyLeft(written: readonly string[]): string {
  return written.length === 0
    ? 'it is not ours; move it away, and do this again'
    : 'somebody has changed it since; move it away to have ours again'
}

function entryOf({ kind, path, madeBy }: Piece, sha256s: readonly string[]): OwnedEntry {
  return { kind, path, madeBy, sha256s }
}
