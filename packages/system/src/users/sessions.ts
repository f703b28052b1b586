/**
 * Who is logged in, as systemd-logind (or elogind) knows it, else as utmp(5) does.
 */
import type { Login } from '@negotiator/common/system'
import { readFile } from 'node:fs/promises'
import type { SystemCall } from '../command.js'
import { missing } from '../failure.js'
import { parseSessions } from './parse-sessions.js'
import { parseUtmp } from './utmp.js'

/** A login, with what only a session manager knows. */
export interface Session extends Login {
  readonly id: string | null
  readonly seat: string | null
  /** Whether its screen is the one that is shown. */
  readonly isActive: boolean | null
  readonly isLocked: boolean | null
}

/** All sessions of people. @throws {CommandFailure} when nobody keeps a list */
export async function readSessions(call: SystemCall): Promise<readonly Session[]> {
  const sessions = (await askLogind(call)) ?? (await readUtmp(call))
  if (sessions === undefined)
    throw missing(
      'Cannot tell who is logged in: neither systemd-logind nor /run/utmp is here; this machine keeps no list of logins',
    )
  return sessions
}

async function askLogind({ machine, signal }: SystemCall): Promise<readonly Session[] | undefined> {
  const list = await machine.run('loginctl', ['list-sessions', '--no-legend', '--no-pager'], { signal })
  if (list?.exitCode !== 0) return undefined
  const ids = list.stdout.split('\n').flatMap((line) => /^\s*([\w.-]+)/.exec(line)?.[1] ?? [])
  if (ids.length === 0) return []
  // One that has ended meanwhile makes the tool fail, and the others are told all the same. In UTC its times can be read.
  const shown = await machine.run('loginctl', ['show-session', '--no-pager', '--', ...ids], {
    signal,
    environment: { TZ: 'UTC' },
  })
  return parseSessions(shown?.stdout ?? '')
}

async function readUtmp({ machine: { root } }: SystemCall): Promise<readonly Session[] | undefined> {
  const file =
    (await readFile(`${root}/run/utmp`).catch(() => undefined)) ??
    (await readFile(`${root}/var/run/utmp`).catch(() => undefined))
  return (
    file &&
    parseUtmp(file).map((login) => ({ ...login, id: null, seat: null, isActive: null, isLocked: null }))
  )
}
