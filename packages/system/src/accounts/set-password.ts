/**
 * Gives a user of this machine a password.
 *
 * chpasswd(8) does it, with what the machine has for that: PAM, locks, one rename. Then it is looked whether the user can log in by it;
 * if not, the old password comes back. The secret goes from standard input to standard input, and nowhere else.
 */
import type { PasswordAnswer } from '@negotiator/common/system'
import { failed, missing, notAllowed } from '../failure.js'
import { withFolder } from '../files/held-folder.js'
import { placeFile } from '../files/new-file.js'
import { readSmallFile } from '../files/existing-file.js'
import type { Machine, ToolResult } from '../machine.js'
import { readInput } from '../read-input.js'
import { endingOf, tryChange } from '../run-change.js'
import type { SystemCommand } from '../command.js'
import { findAccount, passwordStateOf, readPasswordField } from './account.js'
import { checkedHash, checkedPassword, isUsableHash } from './new-password.js'

interface WantedPassword {
  readonly user: string
  /** What came over standard input. */
  readonly input: Uint8Array
  /** It is a crypt hash already. */
  readonly isHash: boolean
  /** A locked account gets one, too. */
  readonly isUnlocking: boolean
  readonly isDryRun: boolean
}

export const command: SystemCommand = {
  name: 'set-password',
  usage: 'USER [--hash] [--unlock] [--dry-run]',
  options: { hash: 'flag', unlock: 'flag', 'dry-run': 'flag' },
  operands: { min: 1, max: 1 },
  run: async ({ machine, options: { flags }, operands: [user = ''], stdin }) => {
    const json = await setPassword(machine, {
      user,
      input: await readInput(stdin, inputBytesMax),
      isHash: flags.has('hash'),
      isUnlocking: flags.has('unlock'),
      isDryRun: flags.has('dry-run'),
    })
    return {
      json,
      lines: [json.isDryRun ? `would set the password of ${user}` : `set the password of ${user}`],
    }
  },
}

/** More than any password or hash has. */
const inputBytesMax = 4096
const shadowBytesMax = 16 * 2 ** 20

/** @throws {CommandFailure} when it cannot be; the old password holds then */
export async function setPassword(
  machine: Machine,
  { user, input, isHash, isUnlocking, isDryRun }: WantedPassword,
): Promise<PasswordAnswer> {
  const account = { root: machine.root, user }
  findAccount(account)
  const secret = isHash ? checkedHash(input) : checkedPassword(input)
  const before = readPasswordField(account)
  if (passwordStateOf(before) === 'locked' && !isUnlocking)
    throw notAllowed(
      `Cannot set the password of "${user}": the account is locked; --unlock does it nevertheless`,
    )
  if (isDryRun) return { user, isChanged: false, isDryRun, backup: null }
  const backup = keepShadow(machine)
  const result = await changePassword(machine, { user, secret, isHash })
  const after = readPasswordField(account)
  const isDone =
    result.exitCode === 0 && (isHash ? after === secret : after !== before && isUsableHash(after))
  if (isDone) return { user, isChanged: true, isDryRun, backup }
  const reason =
    result.exitCode === 0
      ? 'chpasswd made a hash by which nobody could log in safely'
      : endingOf('chpasswd', result, secret)
  if (after === before) throw failed(`Cannot set the password of "${user}": ${reason}; it is as it was`)
  await changePassword(machine, { user, secret: before, isHash: true })
  const outcome =
    readPasswordField(account) === before
      ? 'the old one was put back'
      : `${backup ?? 'no file'} has the old one`
  throw failed(`Cannot set the password of "${user}": ${reason}; ${outcome}`)
}

async function changePassword(
  machine: Machine,
  { user, secret, isHash }: { user: string; secret: string; isHash: boolean },
): Promise<ToolResult> {
  const change = { tool: 'chpasswd', args: isHash ? ['-e'] : [], input: `${user}:${secret}\n` }
  const result = await tryChange(machine, change)
  if (result !== undefined) return result
  throw missing(
    'Cannot set a password: this machine has no chpasswd; install the package "passwd" or "shadow"',
  )
}

/** As the tools of shadow keep it, and where they do. */
function keepShadow({ root }: Machine): string | null {
  return withFolder({ root, path: '/etc' }, (folder) => {
    const entry = folder.entry('shadow')
    if (entry === undefined) return null
    const content = readSmallFile({ folder, name: 'shadow', bytesMax: shadowBytesMax })
    placeFile({ folder, name: 'shadow-' }, { content, mode: 0o600, uid: entry.uid, gid: entry.gid })
    return '/etc/shadow-'
  })
}
