/**
 * What a running daemon has used so far, as the kernel counts it: the same in the guest and here.
 */
import { execa } from 'execa'
import type { Stage } from './stage.js'

/** One daemon at one moment. */
export interface DaemonUse {
  /** Resident memory. */
  readonly mib: number
  /** How often any of its threads went to sleep. */
  readonly sleeps: number
  /** Processor time of all its threads. */
  readonly cpuMs: number
}

/** What a daemon does in a second. */
export interface DaemonRates {
  readonly wakeUpsPerS: number
  readonly cpuMsPerS: number
}

/** Prints all that we read of the process whose id is in `$pid`. */
const look = 'cat /proc/$pid/task/*/status /proc/$pid/task/*/schedstat'

/** The guest's daemon. */
export async function guestUse({ vm }: Pick<Stage, 'vm'>): Promise<DaemonUse> {
  const { stdout } = await vm.console.run(`pid=$(cat /run/negotiator-guest.pid); ${look}`)
  return useOf(stdout)
}

/** A daemon of this machine. */
export async function localUse(id: number): Promise<DaemonUse> {
  const { stdout } = await execa('sh', ['-c', `pid=${id}; ${look}`])
  return useOf(stdout)
}

/** @returns what was done between two looks */
export function ratesOf({
  before,
  after,
  seconds,
}: {
  before: DaemonUse
  after: DaemonUse
  seconds: number
}): DaemonRates {
  return {
    wakeUpsPerS: (after.sleeps - before.sleeps) / seconds,
    cpuMsPerS: (after.cpuMs - before.cpuMs) / seconds,
  }
}

/**
 * @param text of /proc/PID/task/TID/status and /proc/PID/task/TID/schedstat of all threads
 * @throws Error when there is nothing of it
 * @see man 5 proc_pid_status; the kernel's Documentation/scheduler/sched-stats
 */
export function useOf(text: string): DaemonUse {
  const [kib] = numbersIn(text, /^VmRSS:\s*(\d+)/gm)
  const sleeps = numbersIn(text, /^voluntary_ctxt_switches:\s*(\d+)/gm)
  const cpuNs = numbersIn(text, /^(\d+) \d+ \d+$/gm)
  if (kib === undefined || cpuNs.length === 0)
    throw new Error(`Cannot read what a daemon uses: the kernel says ${JSON.stringify(text.slice(0, 200))}`)
  return { mib: kib / 1024, sleeps: sum(sleeps), cpuMs: sum(cpuNs) / 1e6 }
}

function numbersIn(text: string, pattern: RegExp): readonly number[] {
  return [...text.matchAll(pattern)].map(([, digits]) => Number(digits))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
