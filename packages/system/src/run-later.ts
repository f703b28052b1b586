/**
 * Has a program run in a while, by somebody who outlives the daemon: the caller shall have its answer before the machine goes down.
 *
 * systemd does it as a timer, which an administrator sees and can stop; elsewhere a process waits in a session of its own.
 * What comes from a caller is never shell: the script is one text, all else are its arguments.
 */
import { existsSync } from 'node:fs'
import { exitMissing, failed, missing } from './failure.js'
import type { Machine } from './machine.js'
import { endingOf, tryChange } from './run-change.js'

interface Planned {
  /** What the timer is called; there is one of it at a time. */
  readonly unit: string
  /** After so long, at least a second. */
  readonly seconds: number
  readonly argv: readonly string[]
  /** The beginning of the sentence for when it cannot be. */
  readonly purpose: string
}

/** Its first argument says for how long, the second is the program, which is looked for now: nobody would hear of it later. */
const waiting = `command -v "$2" >/dev/null || exit ${exitMissing}
setsid sh -c 'sleep "$1"; shift; exec "$@"' negotiator "$@" </dev/null >/dev/null 2>&1 &`

/** Whether systemd looks after this machine: sd_booted(3). */
export function hasSystemd({ root }: Machine): boolean {
  return existsSync(`${root}/run/systemd/system`)
}

/** @throws {CommandFailure} when it cannot be, or when there is such a timer already */
export async function runLater(machine: Machine, planned: Planned): Promise<void> {
  await (hasSystemd(machine) ? planTimer(machine, planned) : beginWaiting(machine, planned))
}

async function planTimer(machine: Machine, { unit, seconds, argv, purpose }: Planned): Promise<void> {
  const timer = [`--unit=${unit}`, `--on-active=${seconds}s`, '--timer-property=AccuracySec=100ms']
  const change = { tool: 'systemd-run', args: ['--quiet', '--collect', ...timer, '--', ...argv] }
  const result = await tryChange(machine, change)
  if (result === undefined) throw missing(`${purpose}: this machine has no systemd-run`)
  if (result.exitCode === 0) return
  if (await isActive(machine, `${unit}.timer`))
    throw failed(`${purpose}: one is planned already; "systemctl stop ${unit}.timer" takes it back`)
  throw failed(`${purpose}: ${endingOf('systemd-run', result)}`)
}

async function beginWaiting(machine: Machine, { seconds, argv, purpose }: Planned): Promise<void> {
  const args = ['-c', waiting, 'negotiator', `${seconds}`, ...argv]
  const result = await tryChange(machine, { tool: 'sh', args })
  if (result === undefined) throw missing(`${purpose}: this machine has no sh`)
  if (result.exitCode === exitMissing) throw missing(`${purpose}: this machine has no ${argv[0] ?? ''}`)
  if (result.exitCode !== 0) throw failed(`${purpose}: ${endingOf('sh', result)}`)
}

async function isActive(machine: Machine, unit: string): Promise<boolean> {
  return (
    (await tryChange(machine, { tool: 'systemctl', args: ['is-active', '--quiet', unit] }))?.exitCode === 0
  )
}
