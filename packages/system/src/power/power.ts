/**
 * `power`: switches the machine off, starts it anew, or lets it sleep; in a while, and with a word to whoever is logged in.
 * The answer is there before it happens.
 */
import { existsSync, readFileSync } from 'node:fs'
import type { PowerAction, PowerAnswer } from '@negotiator/common/system'
import type { SystemCommand } from '../command.js'
import { missing, wrongUsage } from '../failure.js'
import type { Machine } from '../machine.js'
import { tryChange } from '../run-change.js'
import { hasSystemd, runLater } from '../run-later.js'

interface WantedPower {
  readonly action: PowerAction
  readonly delaySeconds: number
  readonly message: string | undefined
  readonly isDryRun: boolean
}

/** How each is called; systemd's word, and what does it where there is no systemd. */
const actions: Readonly<Record<PowerAction, { readonly verb: string; readonly argv?: readonly string[] }>> = {
  shutdown: { verb: 'poweroff', argv: ['poweroff'] },
  reboot: { verb: 'reboot', argv: ['reboot'] },
  hibernate: { verb: 'hibernate' },
  suspend: { verb: 'suspend' },
}

/** The kernel's words in /sys/power/state. */
const sleepStates: Readonly<Partial<Record<PowerAction, readonly string[]>>> = {
  hibernate: ['disk'],
  suspend: ['mem', 'standby', 'freeze'],
}

/** So that the answer, and what else is on its way, can leave. */
const delaySecondsMin = 1
const delaySecondsMax = 7 * 24 * 3600
const messageLengthMax = 500

export const command: SystemCommand = {
  name: 'power',
  usage: 'shutdown|reboot|hibernate|suspend [--delay SECONDS] [--message TEXT] [--dry-run]',
  options: { delay: 'value', message: 'value', 'dry-run': 'flag' },
  operands: { min: 1, max: 1 },
  run: async ({ machine, options: { flags, values }, operands: [action = ''] }) => {
    if (!isAction(action))
      throw wrongUsage(
        `Cannot run power: there is no ${JSON.stringify(action.slice(0, 64))}; wanted ${Object.keys(actions).join(', ')}`,
      )
    const json = await changePower(machine, {
      action,
      delaySeconds: delayOf(values.get('delay')),
      message: messageOf(values.get('message')),
      isDryRun: flags.has('dry-run'),
    })
    return {
      json,
      lines: [`${json.isDryRun ? 'would begin' : 'begins'} in ${json.delaySeconds} s: ${action}`],
    }
  },
}

/** @throws {CommandFailure} when this machine cannot do it, or is about to do such a thing already */
export async function changePower(
  machine: Machine,
  { action, delaySeconds, message, isDryRun }: WantedPower,
): Promise<PowerAnswer> {
  const argv = argvOf(machine, action)
  if (isDryRun) return { action, delaySeconds, isAnnounced: false, isDryRun }
  await runLater(machine, {
    unit: 'negotiator-power',
    seconds: delaySeconds,
    argv,
    purpose: `Cannot ${action}`,
  })
  return { action, delaySeconds, isAnnounced: await announce(machine, message), isDryRun }
}

function argvOf(machine: Machine, action: PowerAction): readonly string[] {
  assertCanSleep(machine, action)
  const { verb, argv } = actions[action]
  if (hasSystemd(machine)) return ['systemctl', verb]
  if (argv === undefined)
    throw missing(`Cannot ${action}: this machine is not run by systemd, which knows how`)
  return argv
}

function assertCanSleep({ root }: Machine, action: PowerAction): void {
  const wanted = sleepStates[action]
  if (wanted === undefined) return
  const path = `${root}/sys/power/state`
  const offered = existsSync(path) ? readFileSync(path, 'utf8').trim().split(/\s+/) : []
  if (wanted.some((state) => offered.includes(state))) return
  throw missing(
    `Cannot ${action}: the kernel of this machine offers ${offered.join(' ') || 'no sleep at all'}`,
  )
}

/** Its words go over standard input. Where nobody can be told, the machine goes down nevertheless. */
async function announce(machine: Machine, message: string | undefined): Promise<boolean> {
  if (message === undefined) return false
  const result = await tryChange(machine, { tool: 'wall', args: [], input: `${message}\n` })
  return result?.exitCode === 0
}

function isAction(word: string): word is PowerAction {
  return Object.hasOwn(actions, word)
}

function delayOf(text: string | undefined): number {
  const seconds = text === undefined ? delaySecondsMin : Number(/^\d{1,7}$/.test(text) ? text : Number.NaN)
  if (seconds <= delaySecondsMax) return Math.max(seconds, delaySecondsMin)
  throw wrongUsage(
    `Cannot use --delay ${JSON.stringify(text)}: wanted whole seconds from 0 to ${delaySecondsMax}`,
  )
}

function messageOf(text: string | undefined): string | undefined {
  if (text === undefined || (text.length <= messageLengthMax && !/\p{Cc}/u.test(text))) return text
  throw wrongUsage(`Cannot use --message: wanted one line of at most ${messageLengthMax} characters`)
}
