/**
 * What this machine knows of a user, as the daemon would know it: `id` has the numbers, the names come the daemon's way.
 * Floor 8. A user that is not known is no error, for a policy may be looked at on another machine than its own.
 */
import { execFile } from 'node:child_process'
import { systemClock } from '../../clock.js'
import { UserNames } from '../../control/user-names.js'
import { SystemError } from '../../errors.js'
import { escapeControl } from '../../log.js'
import { getentPatienceMs } from '../../control/limits.js'
import type { LocalUser } from '../../policy/caller.js'

/** A user without a process. */
export type Account = Omit<LocalUser, 'processId'>

/** A user that this machine does not know belongs to no group, and has a number that nobody has. */
const nobody = { userId: 2 ** 32 - 1, groupNames: [], groupIds: [] } as const

/** @param word a name or a number. @throws {SystemError} `name-unknown` when it cannot be told just now */
export async function accountOf(word: string): Promise<Account> {
  const [userId] = await idsOf(word, '-u')
  if (userId === undefined) return { ...nobody, userName: /^\d+$/.test(word) ? `#${word}` : word }
  const names = new UserNames({ clock: systemClock })
  const groupIds = await idsOf(word, '-G')
  return {
    userId,
    userName: await names.ofUser(userId),
    groupIds,
    groupNames: await names.ofGroups(groupIds),
  }
}

/** `id`'s exit status when it does not know the user. @see id(1) */
const notFoundStatus = 1

async function idsOf(word: string, option: '-u' | '-G'): Promise<readonly number[]> {
  const limits = { timeout: getentPatienceMs, killSignal: 'SIGKILL' } as const
  return await new Promise((resolve, reject) => {
    execFile('id', [option, '--', word], limits, (error, stdout) => {
      if (error === null) resolve(stdout.trim().split(' ').map(Number))
      else if (error.code === notFoundStatus) resolve([])
      else reject(unknown(word, error.killed === true ? 'id took too long' : 'id failed'))
    })
  })
}

function unknown(word: string, why: string): SystemError {
  const sentence = `Cannot look up the user "${escapeControl(word)}": ${why}; name the groups, such as user:alice,group:backup`
  return new SystemError(sentence, { code: 'name-unknown' })
}
