/**
 * Chooses how processes are started: spawned where koffi, the C library and the kernel allow it, else forked.
 * Floor 4. Who misses koffi more says that it is missing.
 */
import { importKoffi } from '../native/koffi.js'
import type { FindKoffi } from '../native/koffi.js'
import { startByFork } from './fork.js'
import { openPosixSpawn } from './posix-spawn.js'
import type { StartProcess } from './started-process.js'

/** The faster way that this machine offers. */
export async function openStartProcess(findKoffi: FindKoffi = importKoffi): Promise<StartProcess> {
  try {
    return openPosixSpawn(await findKoffi())
  } catch {
    return startByFork
  }
}
