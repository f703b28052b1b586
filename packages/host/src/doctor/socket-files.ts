/**
 * Check: can the daemon's user reach the sockets of each guest's channels, as far as files and folders go?
 */
import type { Stats } from 'node:fs'
import { constants } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { assertSocketPath, channelNames, sentenceOf, shellWord, systemCodeOf } from '@negotiator/common'
import type { ChannelName, Check, Finding } from '@negotiator/common'
import type { ExaminedGuest, HostScene } from './host-scene.js'

/** Looks at files, folders, owners and modes. */
export const socketFilesCheck: Check<HostScene> = {
  name: 'sockets',
  look: async (scene) => {
    const who = await daemonUser(scene)
    return (await Promise.all(scene.guests.map(async (guest) => await filesOfGuest(guest, who)))).flat()
  },
}

/** As whom the sockets are connected to. */
export interface User {
  readonly id: number
  readonly groupIds: readonly number[]
}

async function daemonUser({ daemon, processes }: HostScene): Promise<User> {
  const found = daemon.kind === 'answers' ? await processes.find(daemon.status.processId) : undefined
  const ours = { id: process.geteuid?.() ?? 0, groupIds: process.getgroups?.() ?? [] }
  return found === undefined ? ours : { id: found.userId, groupIds: found.groupIds }
}

/** What keeps a user from the sockets of a guest. */
export async function filesOfGuest(guest: ExaminedGuest, user: User): Promise<readonly Finding[]> {
  const looked = await Promise.all(
    channelNames.map(async (name) => {
      const path = guest.sockets[name]
      return path === undefined ? [] : await ofSocket({ guest, name, path, user })
    }),
  )
  // What both channels share, such as their folder, is told once.
  return [...new Map(looked.flat().map((finding) => [finding.found, finding])).values()]
}

interface SocketFile {
  readonly guest: ExaminedGuest
  readonly name: ChannelName
  readonly path: string
  readonly user: User
}

async function ofSocket(file: SocketFile): Promise<readonly Finding[]> {
  const { guest, path, user } = file
  try {
    assertSocketPath(path)
  } catch (error) {
    return [tooLong(guest.name, sentenceOf(error))]
  }
  for (const folder of foldersOf(path)) {
    const stats = await statOf(folder)
    if (stats === undefined) return [folderMissing(guest.name, folder)]
    if (stats !== 'hidden' && !mayUse(stats, { user, bit: constants.S_IXOTH }))
      return [denied(file, { place: folder, stats, need: 'x' })]
  }
  const stats = await statOf(path)
  if (stats === 'hidden') return []
  if (stats === undefined) return [socketMissing(file)]
  if (!stats.isSocket()) return [notASocket(file)]
  if (!mayUse(stats, { user, bit: constants.S_IWOTH }))
    return [denied(file, { place: path, stats, need: 'w' })]
  return await openFolder(file)
}

/** From the top down. */
function foldersOf(path: string): readonly string[] {
  const folders: string[] = []
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder))
    folders.unshift(folder)
  return folders
}

async function statOf(path: string): Promise<Stats | 'hidden' | undefined> {
  return await stat(path).catch((error: unknown) => {
    const code = systemCodeOf(error)
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : 'hidden'
  })
}

/** @param bit of the three for others; those for the owner and the group stand six and three further up */
function mayUse(stats: Stats, { user, bit }: { user: User; bit: number }): boolean {
  if (user.id === 0) return true
  const isOwner = stats.uid === user.id
  const isMember = user.groupIds.includes(stats.gid)
  return (stats.mode & (isOwner ? bit << 6 : isMember ? bit << 3 : bit)) !== 0
}

function tooLong(guest: string, found: string): Finding {
  return {
    severity: 'error',
    code: 'socket-path-too-long',
    guest,
    found,
    why: 'Nobody can connect to it.',
    mend: 'Give the machine a shorter name, or its sockets a shorter folder, and start it anew.',
  }
}

function folderMissing(guest: string, folder: string): Finding {
  return {
    severity: 'error',
    code: 'channel-folder-missing',
    guest,
    found: `the folder "${folder}" of its channels does not exist`,
    why: 'The machine listens on sockets in it, which nobody can reach any more.',
    mend:
      `mkdir -p ${shellWord(folder)} && chown libvirt-qemu:kvm ${shellWord(folder)}    # qemu:qemu on Fedora and its kin; yourself for a QEMU of your own\n` +
      'then shut the machine down and start it: it makes its sockets only then',
  }
}

function socketMissing({ guest, name, path }: SocketFile): Finding {
  return {
    severity: 'error',
    code: 'socket-missing',
    guest: guest.name,
    found: `the socket of ${name} is not there: "${path}"`,
    why: 'The machine has it on its command line; somebody has removed the file, or the machine has not made it yet.',
    mend: 'Shut the machine down and start it: it makes its sockets only then.',
  }
}

function notASocket({ guest, name, path }: SocketFile): Finding {
  return {
    severity: 'error',
    code: 'not-a-socket',
    guest: guest.name,
    found: `where the socket of ${name} should be is something else: "${path}"`,
    why: 'Nobody can connect to it.',
    mend: `rm -r ${shellWord(path)}    # look first; then shut the machine down and start it`,
  }
}

function denied(
  { guest, user }: SocketFile,
  { place, stats, need }: { place: string; stats: Stats; need: 'x' | 'w' },
): Finding {
  const mode = (stats.mode & 0o777).toString(8)
  return {
    severity: 'error',
    code: 'socket-denied',
    guest: guest.name,
    found: `user ${user.id}, whom the daemon runs as, may not ${need === 'w' ? 'write to' : 'pass'} "${place}" (user ${stats.uid}, group ${stats.gid}, mode ${mode})`,
    why: 'To connect to a socket takes the right to write to it and to pass every folder above it.',
    mend: `Run the daemon as root, or: setfacl -m u:${user.id}:${need === 'w' ? 'rw' : 'x'} ${shellWord(place)}`,
  }
}

/** Whoever may write to the folder may put a socket of his own there, and be taken for the guest. */
async function openFolder({ guest, path }: SocketFile): Promise<readonly Finding[]> {
  const folder = dirname(path)
  const stats = await statOf(folder)
  if (stats === undefined || stats === 'hidden') return []
  if ((stats.mode & constants.S_IWOTH) === 0 || (stats.mode & 0o1000) !== 0) return []
  return [
    {
      severity: 'warning',
      code: 'channel-folder-open',
      guest: guest.name,
      found: `everybody may write to the folder "${folder}" of its channels`,
      why: "Any user of this host can put a socket of his own in place of the machine's, and be called, and call, as this guest.",
      mend: `chmod o-w ${shellWord(folder)}`,
    },
  ]
}
