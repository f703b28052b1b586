/**
 * The keys by which a user may log in over ssh: lists them, adds some, removes some. Whatever else stands in the file stays as it is.
 *
 * The user owns the folder, so the user may try to lead root elsewhere by links: everything is done in folders that are held open.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { SshKeyChange } from '@negotiator/common/system'
import { failed, missing, notAllowed } from '../failure.js'
import { readSmallFile, replaceable } from '../files/existing-file.js'
import { isTrusted, withFolder } from '../files/held-folder.js'
import type { HeldFolder } from '../files/held-folder.js'
import { keepBackup, placeFile } from '../files/new-file.js'
import type { Machine } from '../machine.js'
import { findAccount } from './account.js'
import type { Account } from './account.js'
import { keysIn } from './authorized-keys.js'
import type { AuthorizedKey, KeyChange } from './authorized-keys.js'

interface WantedChange {
  readonly user: string
  readonly isDryRun: boolean
  /** Pure: it is asked once, and the answer is put into place. */
  readonly change: (text: string) => KeyChange
}

const fileName = 'authorized_keys'
const fileBytesMax = 2 ** 20

/** All keys of a user. */
export function listKeys({ root }: Machine, user: string): readonly AuthorizedKey[] {
  const account = findAccount({ root, user })
  if (!hasKeyFolder(root, account)) return []
  return withFolder({ root, path: `${homeOf(account)}/.ssh` }, (folder) => keysIn(readKeys(folder)))
}

/**
 * Changes the keys of a user, all at once or not at all. It waits for nothing, so changes of two callers come one after the other.
 * @throws {CommandFailure} when something on the way is not the user's or root's own
 */
export function changeKeys(machine: Machine, { user, isDryRun, change }: WantedChange): SshKeyChange {
  const { root } = machine
  const account = findAccount({ root, user })
  const isThere = hasKeyFolder(root, account)
  if (!isThere) {
    const { keys } = change('')
    if (keys.length === 0 || isDryRun) return answerOf({ user, isDryRun, keys, backup: null })
    makeKeyFolder(root, account)
  }
  return withFolder({ root, path: `${homeOf(account)}/.ssh` }, (folder) => {
    assertOwn(folder, account)
    const before = readKeys(folder)
    const { text, keys } = change(before)
    if (keys.length === 0 || isDryRun) return answerOf({ user, isDryRun, keys, backup: null })
    const isReplaced = replaceable({ folder, name: fileName }) !== undefined
    const kept = isReplaced ? keepBackup({ folder, name: fileName, now: machine.now() }) : undefined
    placeFile({ folder, name: fileName }, { content: text, mode: 0o600, uid: account.uid, gid: account.gid })
    if (readKeys(folder) !== text)
      throw failed(
        `Cannot change the keys of "${user}": what was written is not what stands there; is another program changing it?`,
      )
    const backup = kept === undefined ? null : join(folder.path, kept)
    return answerOf({ user, isDryRun, keys, backup })
  })
}

function answerOf({
  keys,
  ...answer
}: Omit<SshKeyChange, 'isChanged' | 'fingerprints'> & {
  keys: readonly AuthorizedKey[]
}): SshKeyChange {
  const fingerprints = keys.map(({ fingerprint }) => fingerprint)
  return { ...answer, isChanged: keys.length > 0 && !answer.isDryRun, fingerprints }
}

function homeOf({ home, name }: Account): string {
  if (home.startsWith('/') && home !== '/') return home.replace(/\/+$/, '')
  throw missing(`Cannot use the keys of "${name}": the user has no home folder`)
}

function hasKeyFolder(root: string, account: Account): boolean {
  return withFolder({ root, path: homeOf(account) }, (home) => home.entry('.ssh') !== undefined)
}

function makeKeyFolder(root: string, account: Account): void {
  withFolder({ root, path: homeOf(account) }, (home) => assertOwn(home, account))
  withFolder({ root, path: `${homeOf(account)}/.ssh`, isMaking: true }, (folder) => {
    // Its user could have put another of root's folders in its place meanwhile; one with nothing in it is no loss.
    if (readdirSync(folder.at('.')).length > 0)
      throw failed(`Cannot make "${folder.path}": it is there by now; call again`)
    folder.give({ ...account, mode: 0o700 })
  })
}

/** sshd wants the same. */
function assertOwn(folder: HeldFolder, { name, uid }: Account): void {
  const stats = folder.stats()
  const isOwn = stats.uid === uid || isTrusted(stats)
  if (isOwn && (stats.mode & 0o022) === 0) return
  const reason = isOwn ? 'others than its owner may write there' : 'it belongs to another user'
  throw notAllowed(`Cannot change the keys of "${name}" in "${folder.path}": ${reason}`)
}

function readKeys(folder: HeldFolder): string {
  return readSmallFile({ folder, name: fileName, bytesMax: fileBytesMax })
}
