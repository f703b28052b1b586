/**
 * The older parts of a log, which rotation has put beside it: `FILE.1`, `FILE.2.gz`, `FILE-20261121`.
 * Floor 8.
 */
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { LineSplitter } from './line-splitter.js'

/** One older part. */
export interface RotatedFile {
  readonly path: string
  readonly inode: number
  /** When it was last written, in milliseconds since 1970: nothing in it is younger. */
  readonly changedMs: number
}

/** The older parts of a log, oldest first. @throws an error of the system when the folder cannot be read */
export async function rotatedFiles(path: string): Promise<readonly RotatedFile[]> {
  const name = basename(path)
  const names = (await readdir(dirname(path))).filter(
    (other) => other.startsWith(name) && /^[.-]\d[\d.-]*(?:\.gz)?$/.test(other.slice(name.length)),
  )
  const files = await Promise.all(names.map(async (each) => await lookAt(join(dirname(path), each))))
  // Names count up or are dates, as rotation is configured; when a file was last written tells the order of both.
  return files.flat().sort((one, other) => one.changedMs - other.changedMs)
}

/** The lines of one older part. @throws an error of the system or of zlib */
export async function* rotatedLines(path: string): AsyncGenerator<string, void, undefined> {
  const file = createReadStream(path)
  // Errors of both end the last stream, and so come to whoever reads.
  const bytes = path.endsWith('.gz') ? pipeline(file, createGunzip(), () => undefined) : file
  const splitter = new LineSplitter()
  for await (const chunk of bytes as AsyncIterable<Buffer>) yield* splitter.push(chunk)
  const rest = splitter.end()
  if (rest !== undefined) yield rest
}

async function lookAt(path: string): Promise<readonly RotatedFile[]> {
  const stats = await stat(path).catch(() => undefined)
  return stats?.isFile() === true ? [{ path, inode: stats.ino, changedMs: stats.mtimeMs }] : []
}
