/**
 * The QEMU processes of this machine, as /proc shows them.
 */
import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { isQemu, parseQemuCommandLine, SystemError, systemCodeOf } from '@negotiator/common'
import type { QemuMachine } from '@negotiator/common'

/** A running QEMU. */
export interface QemuProcess {
  readonly id: number
  /** Id and start time: what tells this process from a later one of the same id. */
  readonly key: string
  readonly machine: QemuMachine
}

/**
 * Finds all QEMU processes that we may look at.
 * @throws {SystemError} `proc-unreadable`
 */
export async function qemuProcesses(procFolder: string): Promise<readonly QemuProcess[]> {
  const names = await readdir(procFolder).catch((cause: unknown) => {
    throw new SystemError(`Cannot look for QEMU processes in "${procFolder}": ${systemCodeOf(cause) ?? 'unknown error'}`, {
      code: 'proc-unreadable',
      cause,
    })
  })
  const found: QemuProcess[] = []
  for (const name of names.filter((each) => /^\d+$/.test(each))) {
    const process = await readProcess(join(procFolder, name), Number(name))
    if (process !== undefined) found.push(process)
  }
  return found
}

async function readProcess(folder: string, id: number): Promise<QemuProcess | undefined> {
  try {
    const argv = (await readFile(join(folder, 'cmdline'), 'utf8')).split('\0').slice(0, -1)
    if (!isQemu(argv)) return undefined
    const startTime = startTimeOf(await readFile(join(folder, 'stat'), 'utf8'))
    const workFolder = await readlink(join(folder, 'cwd')).catch(() => '/') // Hidden from us; only relative paths need it.
    return { id, key: `${id}@${startTime}`, machine: parseQemuCommandLine({ argv, folder: workFolder }) }
  } catch {
    return undefined // It ended while we looked, or is another user's.
  }
}

/** Field 22 of /proc/PID/stat; the name before it may hold blanks and brackets. */
function startTimeOf(stat: string): string {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}
