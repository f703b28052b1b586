/**
 * Puts a file into its place: content from standard input, in one step, after it has been checked whole.
 * Only where an administrator of this guest lets files be written, see path-rules.ts.
 */
import { createHash } from 'node:crypto'
import { closeSync, readFileSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { join } from 'node:path'
import type { FilePutAnswer } from '@negotiator/common/system'
import { findId } from '../accounts/account.js'
import { failed, notAllowed, wrongUsage } from '../failure.js'
import type { Machine } from '../machine.js'
import type { SystemCommand } from '../command.js'
import { openExisting, replaceable } from './existing-file.js'
import { openFolder, openNearest } from './held-folder.js'
import type { HeldFolder } from './held-folder.js'
import { loadPathRules } from './load-path-rules.js'
import { keepBackup, NewFile } from './new-file.js'
import type { Ownership } from './new-file.js'
import { assertAllowed, checkedPath } from './path-rules.js'
import type { PathRules } from './path-rules.js'

interface WantedFile {
  readonly path: string
  readonly content: AsyncIterable<Uint8Array>
  /** Octal, such as `0600`; that of the file that is there, or 0600, unless told. */
  readonly mode?: string | undefined
  /** `USER`, `USER:GROUP` or numbers; that of the file that is there, or root, unless told. */
  readonly owner?: string | undefined
  /** What the content must have. */
  readonly sha256?: string | undefined
  /** Keep the file that is replaced. */
  readonly isBackedUp: boolean
  /** Make folders that are missing. */
  readonly isMakingFolders: boolean
  readonly isDryRun: boolean
}

export const command: SystemCommand = {
  name: 'file-put',
  usage: 'PATH [--mode 0600] [--owner USER[:GROUP]] [--sha256 HEX] [--backup] [--parents] [--dry-run]',
  options: {
    mode: 'value',
    owner: 'value',
    sha256: 'value',
    backup: 'flag',
    parents: 'flag',
    'dry-run': 'flag',
  },
  operands: { min: 1, max: 1 },
  run: async ({ machine, options: { flags, values }, operands: [path = ''], stdin }) => {
    const json = await putFile(machine, {
      path,
      content: stdin,
      mode: values.get('mode'),
      owner: values.get('owner'),
      sha256: values.get('sha256'),
      isBackedUp: flags.has('backup'),
      isMakingFolders: flags.has('parents'),
      isDryRun: flags.has('dry-run'),
    })
    const did = json.isDryRun ? 'would write' : 'wrote'
    return {
      json,
      lines: [
        `${did} ${json.sizeBytes} bytes to ${json.path}, mode ${json.mode}, owner ${json.uid}:${json.gid}`,
      ],
    }
  },
}

interface Content {
  readonly sizeBytes: number
  readonly sha256: string
}

/** @throws {CommandFailure} when it cannot be or may not be; what was there is there still */
export async function putFile(machine: Machine, wanted: WantedFile): Promise<FilePutAnswer> {
  const { root } = machine
  const { folder: folderPath, name } = checkedPath(wanted.path)
  const rules = loadPathRules(root)
  // Before a folder is made; once more below, where links have been followed.
  assertAllowed(rules, { access: 'write', path: wanted.path })
  const { folder, rest } = openPlace({ root, path: folderPath, wanted })
  try {
    const path = join(folder.path, ...rest, name)
    assertAllowed(rules, { access: 'write', path })
    const old = rest.length > 0 ? undefined : replaceable({ folder, name })
    const ownership = ownershipOf({ root, old, wanted })
    const shape = { path, isReplaced: old !== undefined, ...ownership, mode: octal(ownership.mode) }
    if (wanted.isDryRun) {
      const content = await take(wanted.content, { rules, sha256: wanted.sha256, write: () => undefined })
      return { ...shape, ...content, isChanged: false, isDryRun: true, backup: null }
    }
    const file = new NewFile({ folder, name })
    try {
      const content = await take(wanted.content, {
        rules,
        sha256: wanted.sha256,
        write: (bytes) => file.write(bytes),
      })
      const isKept = wanted.isBackedUp && old !== undefined
      const backup = isKept ? join(folder.path, keepBackup({ folder, name, now: machine.now() })) : null
      file.place(ownership)
      assertPlaced(folder, name, content)
      return { ...shape, ...content, isChanged: true, isDryRun: false, backup }
    } finally {
      file.drop()
    }
  } finally {
    folder.close()
  }
}

/** A dry run makes no folder, so some may be missing. */
function openPlace({
  wanted,
  ...way
}: {
  root: string
  path: string
  wanted: WantedFile
}): ReturnType<typeof openNearest> {
  const { isDryRun, isMakingFolders: isMaking } = wanted
  return isDryRun && isMaking ? openNearest(way) : { folder: openFolder({ ...way, isMaking }), rest: [] }
}

/** Permission bits as people write them. */
export function octal(mode: number): string {
  return `0${(mode & 0o7777).toString(8).padStart(3, '0')}`
}

function ownershipOf({
  root,
  old,
  wanted,
}: {
  root: string
  old: Stats | undefined
  wanted: WantedFile
}): Ownership {
  const mode = wanted.mode === undefined ? (old?.mode ?? 0o600) & 0o777 : modeOf(wanted.mode)
  if (wanted.owner === undefined) return { mode, uid: old?.uid ?? ownUid(), gid: old?.gid ?? ownGid() }
  const [, user, group] = /^([^:]+)(?::([^:]+))?$/.exec(wanted.owner) ?? []
  if (user === undefined)
    throw wrongUsage(`Cannot use --owner ${JSON.stringify(wanted.owner)}: wanted USER or USER:GROUP`)
  const uid = findId({ root, database: 'passwd', key: user })
  const gid = group === undefined ? (old?.gid ?? ownGid()) : findId({ root, database: 'group', key: group })
  return { mode, uid, gid }
}

function ownUid(): number {
  return process.getuid?.() ?? 0
}

function ownGid(): number {
  return process.getgid?.() ?? 0
}

function modeOf(text: string): number {
  const mode = /^[0-7]{3,4}$/.test(text) ? Number.parseInt(text, 8) : Number.NaN
  if (mode <= 0o777 && (mode & 0o002) === 0) return mode
  throw wrongUsage(
    `Cannot use --mode ${JSON.stringify(text)}: wanted octal digits such as 0640, not writable for everybody and without set-user-id`,
  )
}

/** Takes all of the content. @throws {CommandFailure} when it is too much, or not what its hash says */
async function take(
  content: AsyncIterable<Uint8Array>,
  {
    rules,
    sha256,
    write,
  }: { rules: PathRules; sha256: string | undefined; write: (bytes: Uint8Array) => void },
): Promise<Content> {
  const wantedHash = sha256?.toLowerCase()
  if (wantedHash !== undefined && !/^[0-9a-f]{64}$/.test(wantedHash))
    throw wrongUsage('Cannot use --sha256: wanted 64 hexadecimal digits')
  const hash = createHash('sha256')
  let sizeBytes = 0
  for await (const bytes of content) {
    sizeBytes += bytes.length
    if (sizeBytes > rules.maxSizeBytes)
      throw notAllowed(
        `Cannot write the file: it has more than ${rules.maxSizeBytes} bytes, the most that "max-size" of the guest's files.toml allows; nothing was changed`,
      )
    hash.update(bytes)
    write(bytes)
  }
  const found = hash.digest('hex')
  if (wantedHash === undefined || wantedHash === found) return { sizeBytes, sha256: found }
  throw wrongUsage(
    `Cannot write the file: its SHA-256 is ${found}, wanted ${wantedHash}; nothing was changed`,
  )
}

function assertPlaced(folder: HeldFolder, name: string, { sha256 }: Content): void {
  const { descriptor } = openExisting({ folder, name })
  try {
    if (createHash('sha256').update(readFileSync(descriptor)).digest('hex') === sha256) return
    throw failed(
      `Cannot vouch for "${join(folder.path, name)}": it is not what was written; is another program changing it?`,
    )
  } finally {
    closeSync(descriptor)
  }
}
