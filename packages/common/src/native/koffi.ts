/**
 * The door to C functions, for what Node does not offer: koffi, from node_modules as any package, or its native half alone,
 * from a file that we carry. Of all that it can do the daemons need what the native half gives by itself.
 * Floor 1. It is optional: whoever uses it says what is missing without it, and goes on.
 */
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import type koffiModule from 'koffi'

/** What the daemons use of koffi. */
export type Koffi = Pick<typeof koffiModule, 'load' | 'node'>

/** How koffi is had. Rejects when there is none for this machine. */
export type FindKoffi = () => Promise<Koffi>

/** @throws when it is not installed, or has no build for this machine */
export async function importKoffi(): Promise<Koffi> {
  const { default: koffi } = await import('koffi')
  return koffi
}

/**
 * Loads koffi's native half.
 * @param file of the kind that Node calls an addon, for this processor and C library
 * @throws when it is for another one, or is not there
 */
export function loadKoffi(file: string): Koffi {
  const addon: { exports: unknown } = { exports: {} }
  process.dlopen(addon, file, constants.dlopen.RTLD_NOW)
  const { exports: koffi } = addon
  if (isKoffi(koffi)) return koffi
  throw new Error(`Cannot load koffi from "${file}": that is another addon`)
}

/**
 * Finds koffi for a packed program, whose native half lies in a folder; in a checkout the workspace's own is used.
 * @throws when neither is there for this machine
 */
export async function findKoffiIn(folder: string): Promise<Koffi> {
  const addon = join(folder, `koffi-${process.platform}-${process.arch}.node`)
  return existsSync(addon) ? loadKoffi(addon) : await importKoffi()
}

/** Looks once, however often it is asked: a daemon needs it in more than one place. */
export function findOnce(find: FindKoffi): FindKoffi {
  let found: Promise<Koffi> | undefined
  return async () => await (found ??= find())
}

function isKoffi(addon: unknown): addon is Koffi {
  return typeof addon === 'object' && addon !== null && 'load' in addon && 'node' in addon
}
