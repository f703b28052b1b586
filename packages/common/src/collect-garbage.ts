/**
 * Asks V8 for a collection.
 * Floor 0. For daemons that know better than V8 when it pays.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * As V8 has it: all that died, which takes some ten milliseconds, or what died young, which takes one or less. A V8 without it only
 * collects later. There is no `major` in it: the V8 of Node 20 takes any type for the minor one.
 */
export type CollectGarbage = (options?: { readonly type: 'minor' }) => void

/** @returns what collects; made when it is needed, so that a program that lives shortly never pays for it */
export function exposeCollectGarbage(): CollectGarbage {
  // The flag adds `gc` to contexts made after it, and ours is older.
  setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext('gc')
  return isCollectGarbage(gc) ? gc : () => undefined
}

function isCollectGarbage(value: unknown): value is CollectGarbage {
  return typeof value === 'function'
}
