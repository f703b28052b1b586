/**
 * What a daemon holds: its memory all the time, its descriptors and children when asked.
 */
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as pass } from 'node:timers/promises'

const lookEachMs = 100
/** Of a process's times in /proc. @see man 5 proc_pid_stat */
const ticksPerS = 100

/** What a process has of the machine now. */
export interface Holdings {
  readonly descriptors: number
  readonly children: number
}

/** Looks at one process until it is told to stop. */
export class DaemonWatch {
  readonly #processId: number
  #isOver = false
  readonly #looking: Promise<void>
  #residentMibMax = 0
  readonly #loggedMib: number[] = []

  constructor(processId: number) {
    this.#processId = processId
    this.#looking = this.#look()
  }

  /** The most memory that was seen, in MiB. */
  get residentMibMax(): number {
    return this.#residentMibMax
  }

  /** What was seen, in order, in MiB. */
  get residentMib(): readonly number[] {
    return this.#loggedMib
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await this.#looking
  }

  async #look(): Promise<void> {
    while (!this.#isOver) {
      const status = await readFile(`/proc/${this.#processId}/status`, 'utf8')
      const mib = Number(/^VmRSS:\s*(\d+)/m.exec(status)?.[1]) / 1024
      this.#residentMibMax = Math.max(this.#residentMibMax, mib)
      this.#loggedMib.push(mib)
      await pass(lookEachMs)
    }
  }
}

/** What a process holds now. */
export async function holdingsOf(processId: number): Promise<Holdings> {
  const descriptors = await readdir(`/proc/${processId}/fd`)
  const children = await readFile(`/proc/${processId}/task/${processId}/children`, 'utf8')
  return { descriptors: descriptors.length, children: children.split(' ').filter((id) => id !== '').length }
}

/** Seconds of processor time that a process has used. */
export async function processorSeconds(processId: number): Promise<number> {
  const stat = await readFile(`/proc/${processId}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerS
}
