/**
 * Is what lies here ours alone? A definition starts QEMU with arguments, so whoever may write one, or put another in its place, is root.
 * The checks are a command's. What is not there is nobody's, and none of these functions' business.
 */
import { dirname } from 'node:path'
import { SystemError, walk, whyUnsafe } from '@negotiator/common'

/** @throws {SystemError} `store-unsafe` when others may write to the store's folder, or change what its path leads to */
export function assertFolderOurs(path: string): void {
  refuse(`the managed guests in "${path}"`, { path, placePath: path, what: 'their folder' })
}

/** @throws {SystemError} `store-unsafe` when others may write to a definition, or to a folder on the way to it */
export function assertFileOurs(path: string): void {
  refuse(`the definition "${path}"`, { path, placePath: dirname(path), what: 'its file' })
}

function refuse(
  subject: string,
  { path, placePath, what }: { path: string; placePath: string; what: string },
): void {
  const [place, file] = [walk({ from: '/', path: placePath }), walk({ from: '/', path })]
  if ('missing' in place || 'missing' in file) return
  const blocked = 'blocked' in place ? place.blocked : 'blocked' in file ? file.blocked : undefined
  const unsafe = 'path' in place && 'path' in file ? whyUnsafe({ place, file, what }) : undefined
  const why = unsafe === undefined ? blocked : `${unsafe.reason} ("${unsafe.culprit}")`
  if (why === undefined) return
  throw new SystemError(`Cannot use ${subject}: ${why}`, { code: 'store-unsafe' })
}
