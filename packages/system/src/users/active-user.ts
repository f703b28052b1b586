/**
 * `active-user`: who is logged in at the machine's own screen.
 */
import type { ActiveUser } from '@negotiator/common/system'
import type { SystemCommand } from '../command.js'
import { readSessions } from './sessions.js'
import type { Session } from './sessions.js'

export const command: SystemCommand = {
  name: 'active-user',
  run: async (call) => {
    const session = (await readSessions(call)).find(isAtTheScreen)
    const { name = null, terminal = null, isLocked = null } = session ?? {}
    const user: ActiveUser = { name, terminal, isLocked }
    const lock = isLocked === true ? ' (locked)' : ''
    return { json: user, lines: name === null ? ['nobody'] : [`${name}${lock}`] }
  },
}

/** Without a session manager: whoever is at a console or at a local display. */
function isAtTheScreen({ isActive, seat, terminal, remoteHost }: Session): boolean {
  if (isActive !== null) return isActive && seat !== null
  return remoteHost === null && /^(?:tty|:|console|hvc)/.test(terminal ?? '')
}
