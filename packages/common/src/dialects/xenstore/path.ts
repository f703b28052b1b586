/**
 * What may be the name of a node. Checked before anything is sent: a daemon answers a bad name with EINVAL at best.
 * Floor 6. Pure.
 */
import { UsageError } from '../../errors.js'
import { xenStorePathBytesMax } from '../xen-limits.js'

const pathPattern = /^\/?[A-Za-z0-9@_-]+(?:\/[A-Za-z0-9@_-]+)*$/

/** A path with each other character of one name in it replaced, as the hosts of OpenStack do it. */
export function nodeNameOf(text: string): string {
  return text.replace(/[^A-Za-z0-9@_-]/g, '_')
}

/**
 * Checks a path.
 * @returns it
 * @throws {UsageError} `bad-xenstore-path`
 */
export function checkPath(path: string): string {
  if (path.length > xenStorePathBytesMax)
    throw badPath(path, `it has ${path.length} characters, at most ${xenStorePathBytesMax} are allowed`)
  if (path === '/' || pathPattern.test(path)) return path
  throw badPath(path, 'names are letters, digits, "-", "_" and "@", with one "/" between them')
}

function badPath(path: string, reason: string): UsageError {
  return new UsageError(`Cannot use "${path.slice(0, 100)}" as a XenStore path: ${reason}`, {
    code: 'bad-xenstore-path',
  })
}
