/**
 * The memory of a suspended machine: written to a file by its QEMU, and used once.
 * Nothing half written ever has the file's name.
 */
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { delay, SystemError } from '@negotiator/common'
import type { Clock } from '@negotiator/common'
import { quoted } from './machine-arguments.js'
import type { QmpCommand } from './qmp.js'

/** Asks the machine's monitor. */
type Ask = (commands: readonly QmpCommand[], signal: AbortSignal) => Promise<readonly unknown[]>

interface Writing {
  readonly uuid: string
  /** The file; its folder is made. */
  readonly path: string
  readonly ask: Ask
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** A memory that is being used. */
export interface TakenMemory {
  readonly path: string
  /** The machine did not come to run. */
  giveBack(): Promise<void>
  /** It runs, and its disks change. */
  drop(): Promise<void>
}

/** QEMU tells nobody when a memory is written. */
const lookAgainMs = 50

/** Whether there is one. */
export async function hasMemory(path: string): Promise<boolean> {
  return await stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  )
}

/** Stops a machine and writes its memory; when that fails, it goes on. @throws {SystemError} `machine-suspend-failed` */
export async function writeMemory(writing: Writing): Promise<void> {
  const { path, ask, signal } = writing
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const partial = `${path}.partial`
  // In it is all that the guest knows.
  const uri = `exec:umask 077; cat > ${quoted(partial)}`
  try {
    await ask(['stop', { execute: 'migrate', arguments: { uri } }], signal)
    await untilWritten(writing)
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true })
    // Whoever gave up wants it as it was; a machine that is gone cannot be asked.
    await ask(['migrate_cancel', 'cont'], new AbortController().signal).catch(() => undefined)
    throw error
  }
}

/** From now on nobody else uses it: once the machine runs, the same memory again would destroy its disks. */
export async function takeMemory(path: string): Promise<TakenMemory> {
  const taken = `${path}.taken`
  await rename(path, taken)
  return {
    path: taken,
    giveBack: async () => await rename(taken, path),
    drop: async () => await rm(taken, { force: true }),
  }
}

async function untilWritten({ uuid, ask, clock, signal }: Writing): Promise<void> {
  for (;;) {
    const [progress] = await ask(['query-migrate'], signal)
    const { status, 'error-desc': why } = fieldsOf(progress)
    if (status === 'completed') return
    if (status === 'failed' || status === 'cancelled' || status === undefined)
      throw new SystemError(
        `Cannot suspend the machine ${uuid}: its memory could not be written${typeof why === 'string' ? ` (${why})` : ''}; it goes on`,
        { code: 'machine-suspend-failed' },
      )
    await delay(clock, { delayMs: lookAgainMs, signal })
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
