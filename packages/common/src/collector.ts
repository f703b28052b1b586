/**
 * V8's garbage collector, for whoever knows better than V8 when it pays.
 * Floor 0. It is exposed at its first use: a program that lives shortly never pays for it.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Without options it collects all; V8 11 takes `major` for `minor`. */
type Collect = (options?: { readonly type: 'minor' }) => void

/** Collects when asked. */
export class Collector {
  #collect: Collect | undefined

  /** The young generation: a millisecond or less. */
  collectYoung(): void {
    this.#exposed({ type: 'minor' })
  }

  /** Everything: some ten milliseconds for each ten MiB that live. */
  collectAll(): void {
    this.#exposed()
  }

  get #exposed(): Collect {
    this.#collect ??= expose()
    return this.#collect
  }
}

function expose(): Collect {
  // The flag adds `gc` to contexts made after it, and ours is older.
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  return isCollect(collect) ? collect : () => undefined
}

/** As V8 has it; a V8 without it only collects later. */
function isCollect(value: unknown): value is Collect {
  return typeof value === 'function'
}

export const collector: Collector = new Collector()
