/**
 * The QEMU processes of this machine, as /proc shows them.
 * A look goes over every process of the machine and is taken for ever, so it is kept cheap: a command line is read again only
 * when the process is another one or has become another program.
 */
import { readFileSync } from 'node:fs'
import { readdir, readFile, readlink, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { isQemu, parseQemuCommandLine, SystemError, systemCodeOf } from '@negotiator/common'
import type { QemuMachine } from '@negotiator/common'

/** A running QEMU. */
export interface QemuProcess {
  readonly id: number
  /** Tells this process from a later one of the same id: id, start time, and the command line, which a program may hand over. */
  readonly key: string
  /** The user that it runs as. */
  readonly userId: number
  readonly machine: QemuMachine
}

interface Examined {
  /** Start time and program name of the process when its command line was read. */
  readonly stamp: string
  readonly process: QemuProcess | undefined
}

/** Processes looked at before others have their turn: about a millisecond's worth. */
const processesAtOnce = 32

/** PF_KTHREAD of the kernel's `sched.h`: a thread of the kernel itself, which never has a command line. */
const kernelThreadFlag = 0x0020_0000

/** The QEMU processes, look after look. */
export class QemuProcesses {
  readonly #procFolder: string
  #examined: ReadonlyMap<string, Examined> = new Map()

  /** @param procFolder `/proc`; tests give their own */
  constructor(procFolder: string) {
    this.#procFolder = procFolder
  }

  /**
   * Finds all QEMU processes that we may look at.
   * @throws {SystemError} `proc-unreadable`
   */
  async look(): Promise<readonly QemuProcess[]> {
    const names = await readdir(this.#procFolder).catch((cause: unknown) => {
      throw new SystemError(
        `Cannot look for QEMU processes in "${this.#procFolder}": ${systemCodeOf(cause) ?? 'unknown error'}`,
        { code: 'proc-unreadable', cause },
      )
    })
    const examined = new Map<string, Examined>()
    for (const [index, id] of names.filter((name) => /^\d+$/.test(name)).entries()) {
      if (index % processesAtOnce === processesAtOnce - 1) await setImmediate()
      const found = await this.#examine(id)
      if (found !== undefined) examined.set(id, found)
    }
    this.#examined = examined
    return [...examined.values()].flatMap(({ process }) => (process === undefined ? [] : [process]))
  }

  /** @returns `undefined` for a process that has to be examined anew next time */
  async #examine(id: string): Promise<Examined | undefined> {
    const folder = join(this.#procFolder, id)
    try {
      // At once, for it is in memory and a tenth of the price; a command line may be swapped out and must not hold us up.
      const { isAlive, startTime, program } = parseStat(readFileSync(join(folder, 'stat'), 'utf8'))
      if (!isAlive) return undefined
      const stamp = `${startTime} ${program}`
      const known = this.#examined.get(id)
      if (known?.stamp === stamp) return known
      const argv = (await readFile(join(folder, 'cmdline'), 'utf8')).split('\0').slice(0, -1)
      // It has none yet in the middle of becoming a program.
      if (argv.length === 0) return undefined
      if (!isQemu(argv)) return { stamp, process: undefined }
      const cwd = await readlink(join(folder, 'cwd')).catch(() => undefined) // Hidden from us when it is another user's.
      const machine = parseQemuCommandLine({ argv, folder: cwd })
      const { uid: userId } = await stat(folder)
      return { stamp, process: { id: Number(id), key: [id, startTime, ...argv].join('\0'), userId, machine } }
    } catch {
      return undefined // It ended while we looked, or is hidden from us.
    }
  }
}

/** Whether a process is still there, and still the same: one look at it alone. */
export function isStillThere({ id, key }: QemuProcess): boolean {
  try {
    const { isAlive, startTime } = parseStat(readFileSync(join('/proc', String(id), 'stat'), 'utf8'))
    return isAlive && key.startsWith(`${id}\0${startTime}\0`)
  } catch {
    return false
  }
}

/** @see proc_pid_stat(5); the program's name stands in brackets and may hold blanks and brackets itself */
function parseStat(stat: string): {
  readonly isAlive: boolean
  readonly startTime: string
  readonly program: string
} {
  const nameEnd = stat.lastIndexOf(')')
  const fields = stat.slice(nameEnd + 2).split(' ')
  const [state = '', , , , , , flags = ''] = fields
  const isKernelThread = (Number(flags) & kernelThreadFlag) !== 0
  return {
    isAlive: !isKernelThread && !['Z', 'X', ''].includes(state),
    startTime: fields[19] ?? '',
    program: stat.slice(stat.indexOf('(') + 1, nameEnd),
  }
}
