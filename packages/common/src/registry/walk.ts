/**
 * Where a path leads, link by link, and everything passed on the way.
 * Floor 4. It looks and judges nothing (registry/safety.ts does): whoever can change a folder that was passed can change what the path
 * leads to after it was looked at, so each of them counts. It waits for the disk as the start of the command itself does a moment later:
 * a dozen looks take 30 microseconds so, and 400 when each goes through a thread.
 */
import { lstatSync, readlinkSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { join } from 'node:path'
import { systemCodeOf } from '../errors.js'
import { linkCountMax } from '../limits.js'

/** A folder or a link that was passed. */
export interface Passed {
  readonly path: string
  readonly stats: Stats
}

/** Where a path leads: no link is left in `path`, so it leads there as long as nobody changes what was `passed`. */
export interface Walked extends Passed {
  /** In order; the end itself too when it is a folder. */
  readonly passed: readonly Passed[]
}

/** What comes of walking: the end; nothing of that name; or `blocked`, as the end of a sentence that names no path. */
export type Walk = Walked | { readonly missing: true } | { readonly blocked: string }

interface Route {
  /** A folder whose own path holds no link. */
  readonly from: string
  /** Taken from there, or from `/` when it begins with one. */
  readonly path: string
}

/** Follows a path to its end. */
export function walk({ from, path }: Route): Walk {
  const way = new Way(path.startsWith('/') ? '/' : from)
  try {
    if (path.startsWith('/')) way.passed.push({ path: '/', stats: lstatSync('/') })
    return way.follow(path.split('/'))
  } catch (error) {
    const code = systemCodeOf(error)
    if (code !== 'ENOENT') return { blocked: `it cannot be looked at: ${code ?? 'unknown error'}` }
    // A link that leads nowhere stands for its name all the same: whoever put it there did not mean the next folder's command.
    return way.linkCount === 0 ? { missing: true } : { blocked: 'it is a link that leads nowhere' }
  }
}

/** Thrown as the kernel would: what is told of it is its code. */
class WayError extends Error {
  readonly code: string

  constructor(code: 'ELOOP' | 'ENOTDIR') {
    super(code)
    this.code = code
  }
}

class Way {
  readonly passed: Passed[] = []
  linkCount = 0
  #folder: string

  constructor(from: string) {
    this.#folder = from
  }

  /** One name after the other; a link puts its own names before the rest. */
  follow(names: readonly string[]): Walked {
    let [end, rest]: [Passed | undefined, readonly string[]] = [undefined, names]
    while (rest.length > 0) {
      const [name = '', ...others] = rest
      rest = others
      if (end !== undefined && !end.stats.isDirectory()) throw new WayError('ENOTDIR')
      if (name === '' || name === '.') continue
      end = this.#step(name)
      if (end.stats.isSymbolicLink()) {
        rest = [...this.#namesBehind(end.path), ...rest]
        end = undefined
      }
    }
    end ??= { path: this.#folder, stats: lstatSync(this.#folder) }
    return { ...end, passed: this.passed }
  }

  #step(name: string): Passed {
    // The folder's path holds no link, so `..` is what it has before its last name; that was passed on the way down.
    const path = join(this.#folder, name)
    const step = { path, stats: lstatSync(path) }
    if (step.stats.isDirectory()) this.#folder = path
    if (step.stats.isDirectory() || step.stats.isSymbolicLink()) this.passed.push(step)
    return step
  }

  #namesBehind(link: string): readonly string[] {
    this.linkCount += 1
    if (this.linkCount > linkCountMax) throw new WayError('ELOOP')
    const target = readlinkSync(link)
    if (target.startsWith('/')) {
      this.#folder = '/'
      this.passed.push({ path: '/', stats: lstatSync('/') })
    }
    return target.split('/')
  }
}
