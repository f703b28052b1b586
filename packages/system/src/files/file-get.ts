/**
 * Gets a file, or the facts of it. Only where an administrator of this guest lets files be read, see path-rules.ts.
 */
import { createHash } from 'node:crypto'
import { closeSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { FileGetAnswer } from '@negotiator/common/system'
import { notAllowed } from '../failure.js'
import type { Machine } from '../machine.js'
import type { SystemCommand } from '../command.js'
import { openExisting } from './existing-file.js'
import { octal } from './file-put.js'
import { withFolder } from './held-folder.js'
import { loadPathRules } from './load-path-rules.js'
import { assertAllowed, checkedPath } from './path-rules.js'

export const command: SystemCommand = {
  name: 'file-get',
  usage: 'PATH [--facts]',
  options: { facts: 'flag' },
  operands: { min: 1, max: 1 },
  run: async ({ machine, options: { flags }, operands: [path = ''], write }) => {
    if (!flags.has('facts')) return void (await getFile(machine, { path, write }))
    const json = await getFile(machine, { path, write: async () => Promise.resolve() })
    return { json, lines: Object.entries(json).map(([name, value]) => `${name} ${value}`) }
  },
}

const chunkBytes = 65_536

interface WantedContent {
  readonly path: string
  /** Takes the content, piece by piece, and may make the reader wait. */
  readonly write: (bytes: Uint8Array) => Promise<void>
}

/** @throws {CommandFailure} when it is not there, is too large or may not be read */
export async function getFile(
  { root }: Machine,
  { path: given, write }: WantedContent,
): Promise<FileGetAnswer> {
  const { folder: folderPath, name } = checkedPath(given)
  const rules = loadPathRules(root)
  // First of all, for whoever may not read there need not learn what is there.
  assertAllowed(rules, { access: 'read', path: given })
  const { path, descriptor, stats } = withFolder({ root, path: folderPath }, (folder) => {
    const path = join(folder.path, name)
    assertAllowed(rules, { access: 'read', path })
    return { path, ...openExisting({ folder, name }) }
  })
  try {
    if (stats.size > rules.maxSizeBytes)
      throw notAllowed(
        `Cannot read "${path}": it has ${stats.size} bytes, more than "max-size" of the guest's files.toml, ${rules.maxSizeBytes}, allows`,
      )
    const { uid, gid, mtime, mode } = stats
    const content = await copy(descriptor, { bytesMax: rules.maxSizeBytes, write })
    return { path, ...content, mode: octal(mode), uid, gid, modifiedAt: mtime.toISOString() }
  } finally {
    closeSync(descriptor)
  }
}

/** A file that grows meanwhile is read up to the limit. */
async function copy(
  descriptor: number,
  { bytesMax, write }: { bytesMax: number; write: WantedContent['write'] },
): Promise<{ readonly sizeBytes: number; readonly sha256: string }> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  while (sizeBytes < bytesMax) {
    const buffer = Buffer.alloc(Math.min(chunkBytes, bytesMax - sizeBytes))
    const bytes = buffer.subarray(0, readSync(descriptor, buffer))
    if (bytes.length === 0) break
    hash.update(bytes)
    await write(bytes)
    sizeBytes += bytes.length
  }
  return { sizeBytes, sha256: hash.digest('hex') }
}
