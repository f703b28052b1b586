/**
 * `users`: who is logged in.
 */
import type { Login, Users } from '@negotiator/common/system'
import type { SystemCommand } from '../command.js'
import { readSessions } from './sessions.js'

export const command: SystemCommand = {
  name: 'users',
  run: async (call) => {
    const sessions = await readSessions(call)
    const users: Users = {
      users: sessions.map(({ name, terminal, remoteHost, loginTime }) => ({
        name,
        terminal,
        remoteHost,
        loginTime,
      })),
    }
    return { json: users, lines: users.users.map(lineOf) }
  },
}

function lineOf({ name, terminal, remoteHost, loginTime }: Login): string {
  const words = [
    name,
    terminal === null ? [] : `on ${terminal}`,
    remoteHost === null ? [] : `from ${remoteHost}`,
    loginTime === null ? [] : `since ${loginTime}`,
  ]
  return words.flat().join(' ')
}
