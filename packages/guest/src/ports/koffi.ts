/**
 * Loads koffi: from node_modules as any package, or its native half alone, from a file that we carry.
 * It calls C functions; of all that it can do the daemon needs what the native half gives by itself.
 */
import { constants } from 'node:os'
import type koffiModule from 'koffi'

/** What the daemon uses of koffi. */
export type Koffi = Pick<typeof koffiModule, 'load' | 'node'>

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

function isKoffi(addon: unknown): addon is Koffi {
  return typeof addon === 'object' && addon !== null && 'load' in addon && 'node' in addon
}
