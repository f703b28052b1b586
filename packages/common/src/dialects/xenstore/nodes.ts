/**
 * Nodes as they are read and written by questions to a daemon, within a transaction or without.
 * Floor 6. Names are checked before anything is sent.
 */
import { PeerError } from '../../errors.js'
import { xenStoreRetryMax } from '../xen-limits.js'
import { errnoOf } from './connection.js'
import { encodeTexts, MessageType, textsIn } from './message.js'
import { checkPath } from './path.js'
import type { Nodes } from './store.js'

type Ask = (type: number, payload: Buffer) => Promise<Buffer>

/** @param ask puts one question, and gives the payload of its answer */
export function nodesOver(ask: Ask): Nodes {
  const path = (text: string): Buffer => encodeTexts(checkPath(text))
  return {
    read: async (text) => await unlessMissing(ask(MessageType.read, path(text))),
    list: async (text) => await unlessMissing(listAll(ask, path(text))),
    write: async (text, value) => {
      await ask(MessageType.write, Buffer.concat([path(text), value]))
    },
    remove: async (text) => {
      await unlessMissing(ask(MessageType.remove, path(text)))
    },
  }
}

async function listAll(ask: Ask, path: Buffer): Promise<readonly string[]> {
  try {
    return textsIn(await ask(MessageType.directory, path))
  } catch (error) {
    if (errnoOf(error) !== 'E2BIG') throw error
    return await listParts(ask, path)
  }
}

/** A list that does not fit into one answer comes in parts; one that changes meanwhile is begun anew. */
async function listParts(ask: Ask, path: Buffer): Promise<readonly string[]> {
  for (let attempt = 1; attempt <= xenStoreRetryMax; attempt += 1) {
    const names = await listOnce(ask, path)
    if (names !== undefined) return names
  }
  throw new PeerError(`Cannot list a XenStore node: it changed ${xenStoreRetryMax} times meanwhile`, {
    code: 'xenstore-contended',
  })
}

/** @returns `undefined` when the list changed between two parts */
async function listOnce(ask: Ask, path: Buffer): Promise<readonly string[] | undefined> {
  const names: string[] = []
  let [offset, generation]: [number, string | undefined] = [0, undefined]
  for (;;) {
    const part = await ask(MessageType.directoryPart, Buffer.concat([path, encodeTexts(String(offset))]))
    const [partGeneration, ...partNames] = textsIn(part)
    if (generation !== undefined && generation !== partGeneration) return undefined
    generation = partGeneration
    // An empty name ends the last part; a part without any name would be asked for again and again.
    const end = partNames.indexOf('')
    names.push(...(end < 0 ? partNames : partNames.slice(0, end)))
    if (end >= 0 || partNames.length === 0) return names
    offset += Buffer.byteLength(partNames.join('\0')) + 1
  }
}

async function unlessMissing<Value>(answer: Promise<Value>): Promise<Value | undefined> {
  try {
    return await answer
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}
