/**
 * Processes for the tests of the qemu driver: entries of a /proc that a test makes up, and real ones that only look like QEMU.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { silentLog, systemClock } from '@negotiator/common'
import type { Clock, Log } from '@negotiator/common'
import type { Teardown } from '@negotiator/common/testing'
import { testFolder } from '@negotiator/common/testing'
import type { ManagedName } from '../kind.js'
import { createQemuDriver } from './qemu-driver.js'
import type { QemuDriver } from './qemu-driver.js'

/** A driver that looks at a /proc of the test's own. */
export interface MadeUp {
  readonly driver: QemuDriver
  readonly procFolder: string
}

interface MadeUpOptions {
  readonly names?: string
  readonly managedName?: ManagedName
  readonly clock?: Clock
  readonly log?: Log
}

/** Makes a driver in a world without processes. */
export function madeUp(
  test: Teardown,
  { clock = systemClock, log = silentLog, ...options }: MadeUpOptions = {},
): MadeUp {
  const procFolder = testFolder(test)
  return { driver: createQemuDriver({ ...options, clock, log, procFolder }), procFolder }
}

interface ProcEntry {
  readonly procFolder: string
  readonly id: number
  readonly argv: readonly string[]
  /** The program's name, which `exec` changes. */
  readonly program?: string
  readonly state?: string
  readonly flags?: number
  readonly startTime?: number
  /** Hidden unless given. */
  readonly cwd?: string
}

/** Writes what /proc says of a process; again for a process that has changed. */
export function writeProcess(entry: ProcEntry): void {
  const {
    procFolder,
    id,
    argv,
    program = 'qemu-system-x86',
    state = 'S',
    flags = 0,
    startTime = 100,
    cwd,
  } = entry
  const folder = join(procFolder, String(id))
  mkdirSync(folder, { recursive: true })
  const fields = [state, 1, id, id, 0, -1, flags, ...Array.from({ length: 12 }, () => 0), startTime, 0]
  writeFileSync(join(folder, 'stat'), `${id} (${program}) ${fields.join(' ')}\n`)
  writeFileSync(join(folder, 'cmdline'), argv.map((argument) => `${argument}\0`).join(''))
  if (cwd !== undefined) symlinkSync(cwd, join(folder, 'cwd'))
}

/** A process that runs. */
export interface StandIn {
  readonly id: number
  /** Ends it; resolves when it is gone. */
  end(): Promise<void>
}

/**
 * Starts a process that calls itself QEMU and waits for its end; it never outlives us, for it then reads the end of its input.
 * @param args what a QEMU would be given
 */
export async function startStandIn(test: Teardown, args: readonly string[]): Promise<StandIn> {
  const child = spawn('/bin/sh', ['-c', 'read wait', ...args], {
    argv0: 'qemu-system-x86_64',
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  await once(child, 'spawn')
  const exited = once(child, 'exit')
  const end = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
  }
  test.teardown(end)
  if (child.pid === undefined) throw new Error('Cannot start a stand-in for QEMU: it has no process id')
  return { id: child.pid, end }
}
