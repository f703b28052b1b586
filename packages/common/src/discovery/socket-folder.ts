/**
 * Guests as a folder of sockets: `DIR/GUEST/CHANNEL.sock`, and a uuid in `DIR/GUEST/uuid` for who wants one.
 * Floor 1.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { channelNames } from './channel-names.js'
import type { ChannelName } from './channel-names.js'

/** A guest's folder. */
export interface SocketFolder {
  /** The guest's name: the folder's. */
  readonly name: string
  readonly uuid?: string | undefined
  readonly sockets: Readonly<Partial<Record<ChannelName, string>>>
}

/** Reads all guests of a folder; what is no folder or has nothing of ours in it is no guest. @throws as `readdir` does */
export async function readSocketFolder(folder: string): Promise<readonly SocketFolder[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const guests = entries.filter((entry) => entry.isDirectory()).map(async ({ name }) => await readGuest(folder, name))
  return (await Promise.all(guests)).filter(({ sockets }) => Object.keys(sockets).length > 0)
}

async function readGuest(folder: string, name: string): Promise<SocketFolder> {
  const sockets: Partial<Record<ChannelName, string>> = {}
  for (const channel of channelNames) {
    const path = join(folder, name, `${channel}.sock`)
    if (await isSocket(path)) sockets[channel] = path
  }
  const uuid = await readFile(join(folder, name, 'uuid'), 'utf8').catch(() => '') // It need not have one.
  return { name, sockets, ...(uuid.trim() === '' ? {} : { uuid: uuid.trim().toLowerCase() }) }
}

async function isSocket(path: string): Promise<boolean> {
  return await stat(path).then(
    (stats) => stats.isSocket(),
    () => false, // Not there, or gone since.
  )
}
