/**
 * Guests as a folder of sockets: `DIR/GUEST/CHANNEL.sock`, and a uuid in `DIR/GUEST/uuid` for who wants one.
 * Floor 1. Connects to nothing.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCodeOf } from '../errors.js'
import { channelNames } from './channel-names.js'
import type { ChannelName } from './channel-names.js'
import { parseUuid } from './uuid.js'

/** A guest's folder. */
export interface SocketFolder {
  /** The guest's name: the folder's. */
  readonly name: string
  readonly uuid?: string | undefined
  readonly sockets: Readonly<Partial<Record<ChannelName, string>>>
}

/** All guests of a folder, and what is wrong with some of them, in sentences. */
export interface SocketFolders {
  readonly guests: readonly SocketFolder[]
  readonly problems: readonly string[]
}

const uuidFile = 'uuid'

/** A longer file is no uuid, and might be anything. */
const uuidFileBytesMax = 128

/** Whether a file of this name in a guest's folder says something of the guest. */
export function isGuestFile(name: string): boolean {
  return name === uuidFile || channelNames.some((channel) => name === socketName(channel))
}

/**
 * Reads all guests of a folder; what is no folder, or has no socket of ours in it, is no guest.
 * @throws as `readdir` does
 */
export async function readSocketFolder(folder: string): Promise<SocketFolders> {
  // Links are followed: people collect guests from several places.
  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => name)
  const read = await Promise.all(names.sort().map(async (name) => await readGuest(folder, name)))
  return {
    guests: read.flatMap(({ guest }) => (Object.keys(guest.sockets).length > 0 ? [guest] : [])),
    problems: read.flatMap(({ problem }) => (problem === undefined ? [] : [problem])),
  }
}

interface ReadGuest {
  readonly guest: SocketFolder
  readonly problem?: string
}

async function readGuest(folder: string, name: string): Promise<ReadGuest> {
  const sockets: Partial<Record<ChannelName, string>> = {}
  for (const channel of channelNames) {
    const path = join(folder, name, socketName(channel))
    if (await isSocket(path)) sockets[channel] = path
  }
  try {
    return { guest: { name, uuid: await readUuid(join(folder, name, uuidFile)), sockets } }
  } catch (error) {
    const reason = systemCodeOf(error) ?? 'it does not hold a uuid'
    const problem = `Cannot tell the uuid of the guest "${name}" from "${join(folder, name, uuidFile)}": ${reason}`
    return { guest: { name, sockets }, problem }
  }
}

/** @throws Error when there is a file, but it cannot be read or is none of ours; a guest need not have one */
async function readUuid(path: string): Promise<string | undefined> {
  try {
    const stats = await stat(path)
    // Reading a named pipe would wait for ever.
    const text = stats.isFile() && stats.size <= uuidFileBytesMax ? await readFile(path, 'utf8') : ''
    const uuid = parseUuid(text)
    if (uuid === undefined) throw new Error('no uuid')
    return uuid
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')) return undefined
    throw error
  }
}

function socketName(channel: ChannelName): string {
  return `${channel}.sock`
}

async function isSocket(path: string): Promise<boolean> {
  return await stat(path).then(
    (stats) => stats.isSocket(),
    () => false, // Not there, or gone since.
  )
}
