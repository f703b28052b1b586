/**
 * The users and groups of this machine, wherever it keeps them: asked of getent and id, or read from /etc where there is no getent.
 * Floor 4. It only reads; a user that cannot be read is refused, never guessed.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { findTool } from './tools.js'

/** Whom a command runs as, as settings and policy say it: names or numbers. */
export interface RunAs {
  readonly user: string
  /** The user's own unless told. */
  readonly group?: string | undefined
  /** Supplementary groups; the user's own unless told. */
  readonly groups?: readonly string[] | undefined
}

/** The same in numbers. */
export interface Account {
  readonly userName: string
  readonly userId: number
  readonly groupId: number
  /** Supplementary groups, without the primary one. */
  readonly groupIds: readonly number[]
  readonly home: string
  readonly shell: string
}

/** Why there is no such account, as the reason of a result. */
export interface NoAccount {
  readonly reason: string
}

const run = promisify(execFile)

/** A directory service that does not answer in time is as good as none. */
const lookUpMsMax: number = 5_000

/** Finds a user with its groups. */
export async function findAccount(
  { user, group, groups }: RunAs,
  toolFolders: readonly string[],
): Promise<Account | NoAccount> {
  const entry = await findEntry('passwd', { key: user, toolFolders })
  if (entry === undefined) return { reason: `it shall run as the user "${user}", who is not known here` }
  const [userName = '', , userId, ownGroupId, , home = '/', shell = '/bin/sh'] = entry
  const groupId = group === undefined ? Number(ownGroupId) : await findGroup(group, toolFolders)
  if (groupId === undefined) return noGroup(group ?? '')
  const known = { userName, userId: Number(userId), groupId, home, shell }
  if (groups === undefined) {
    const groupIds = await findOwnGroups(userName, toolFolders)
    if ('reason' in groupIds) return groupIds
    // As initgroups(3) has it: the primary group is no supplementary one, and `group` stands for it.
    return { ...known, groupIds: groupIds.filter((id) => id !== groupId && id !== Number(ownGroupId)) }
  }
  const groupIds: number[] = []
  for (const name of groups) {
    const id = await findGroup(name, toolFolders)
    if (id === undefined) return noGroup(name)
    groupIds.push(id)
  }
  return { ...known, groupIds }
}

/** The variables that follow the user. */
export function environmentOf({ userName, home, shell }: Account): Record<string, string> {
  return { HOME: home, USER: userName, LOGNAME: userName, SHELL: shell }
}

async function findOwnGroups(
  userName: string,
  toolFolders: readonly string[],
): Promise<readonly number[] | NoAccount> {
  const printed = (await outputOf('id', { args: ['-G', '--', userName], toolFolders })) ?? ''
  if (!/^\d+( \d+)*$/.test(printed)) return { reason: `the groups of the user "${userName}" cannot be read` }
  return printed.split(' ').map(Number)
}

async function findGroup(key: string, toolFolders: readonly string[]): Promise<number | undefined> {
  const entry = await findEntry('group', { key, toolFolders })
  return entry === undefined ? undefined : Number(entry[2])
}

function noGroup(name: string): NoAccount {
  return { reason: `it shall run in the group "${name}", which is not known here` }
}

interface LookUp {
  readonly key: string
  readonly toolFolders: readonly string[]
}

/** The fields of a line of passwd or group, by name or number. */
async function findEntry(
  database: 'passwd' | 'group',
  { key, toolFolders }: LookUp,
): Promise<readonly string[] | undefined> {
  // An empty key lists all there are, and one with a dash is an option.
  if (!/^[^-:\s][^:\s]*$/.test(key)) return undefined
  if (findTool('getent', toolFolders) === undefined) return await findInFile(`/etc/${database}`, key)
  const printed = await outputOf('getent', { args: [database, key], toolFolders })
  return printed === undefined ? undefined : fieldsOf(printed)
}

async function findInFile(path: string, key: string): Promise<readonly string[] | undefined> {
  const entries = (await readFile(path, 'utf8')).split('\n').map(fieldsOf)
  return entries.find(([name]) => name === key) ?? entries.find(([, , id]) => id === key)
}

function fieldsOf(line: string): readonly string[] {
  return line.split(':')
}

/** What a tool prints; `undefined` when it is missing, fails or takes too long. */
async function outputOf(
  name: string,
  { args, toolFolders }: { args: readonly string[]; toolFolders: readonly string[] },
): Promise<string | undefined> {
  const tool = findTool(name, toolFolders)
  if (tool === undefined) return undefined
  try {
    const { stdout } = await run(tool, args, { env: {}, cwd: '/', timeout: lookUpMsMax })
    return stdout.trimEnd()
  } catch {
    return undefined // What it would have said is that there is no such entry.
  }
}
