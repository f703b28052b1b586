/**
 * `session`: locks the screens of this machine, or logs people off. systemd-logind knows who is there.
 */
import type { LoginSession, SessionAction, SessionAnswer } from '@negotiator/common/system'
import type { SystemCommand } from '../command.js'
import { findAccount } from '../accounts/account.js'
import { failed, wrongUsage } from '../failure.js'
import type { Machine } from '../machine.js'
import { runChange } from '../run-change.js'

const verbs: Readonly<Record<SessionAction, string>> = {
  lock: 'lock-session',
  'log-off': 'terminate-session',
}

/** A session needs a moment to end. */
const endChecks = 20
const endCheckMs = 250

export const command: SystemCommand = {
  name: 'session',
  usage: 'lock|log-off [USER] [--dry-run]',
  options: { 'dry-run': 'flag' },
  operands: { min: 1, max: 2 },
  run: async ({ machine, options: { flags }, operands: [action = '', user] }) => {
    if (!isAction(action))
      throw wrongUsage(
        `Cannot run session: there is no ${JSON.stringify(action.slice(0, 64))}; wanted lock or log-off`,
      )
    const json = await changeSessions(machine, { action, user, isDryRun: flags.has('dry-run') })
    const did = `${json.isDryRun ? 'would ' : ''}${action}`
    const lines = json.sessions.map(
      ({ id, user, seat }) => `${did} session ${id} of ${user}${seat === '' ? '' : ` at ${seat}`}`,
    )
    return { json, lines: lines.length === 0 ? ['nobody is logged in there'] : lines }
  },
}

/**
 * Does it to all sessions of a user; without one, to all at this machine's own screens.
 * @throws {CommandFailure} when logind is not there or does not do it
 */
export async function changeSessions(
  machine: Machine,
  {
    action,
    user,
    isDryRun,
  }: { readonly action: SessionAction; readonly user: string | undefined; readonly isDryRun: boolean },
): Promise<SessionAnswer> {
  if (user !== undefined) findAccount({ root: machine.root, user })
  const purpose = `Cannot ${action}`
  const all = await listSessions(machine, purpose)
  const sessions = all.filter((session) => (user === undefined ? session.seat !== '' : session.user === user))
  if (isDryRun || sessions.length === 0) return { action, sessions, isDryRun }
  const ids = sessions.map(({ id }) => id)
  await runChange(machine, { tool: 'loginctl', args: [verbs[action], ...ids], purpose })
  if (action === 'log-off') await untilGone(machine, { ids, purpose })
  return { action, sessions, isDryRun }
}

async function untilGone(
  machine: Machine,
  { ids, purpose }: { ids: readonly string[]; purpose: string },
): Promise<void> {
  for (let check = 0; check < endChecks; check += 1) {
    const left = await listSessions(machine, purpose)
    if (!left.some(({ id }) => ids.includes(id))) return
    await machine.wait(endCheckMs, new AbortController().signal)
  }
  throw failed(
    `${purpose}: a session is still there after ${(endChecks * endCheckMs) / 1000} s; processes of it may ignore SIGTERM`,
  )
}

/** The sessions of people; a display manager's own are not among them, nor those that are ending. */
async function listSessions(machine: Machine, purpose: string): Promise<readonly LoginSession[]> {
  const listed = await runChange(machine, {
    tool: 'loginctl',
    args: ['list-sessions', '--no-legend'],
    purpose,
  })
  const ids = listed.stdout.split('\n').flatMap((line) => /^\s*([A-Za-z0-9]+)\s/.exec(line)?.[1] ?? [])
  if (ids.length === 0) return []
  const properties = ['Id', 'Name', 'Seat', 'Class', 'State'].map((name) => `--property=${name}`)
  const shown = await runChange(machine, {
    tool: 'loginctl',
    args: ['show-session', ...properties, ...ids],
    purpose,
  })
  return shown.stdout.split('\n\n').flatMap(sessionIn)
}

function sessionIn(block: string): readonly LoginSession[] {
  const values = new Map(
    block.split('\n').map((line) => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)]),
  )
  const id = values.get('Id')
  if (id === undefined || values.get('Class') !== 'user' || values.get('State') === 'closing') return []
  return [{ id, user: values.get('Name') ?? '', seat: values.get('Seat') ?? '' }]
}

function isAction(word: string): word is SessionAction {
  return Object.hasOwn(verbs, word)
}
