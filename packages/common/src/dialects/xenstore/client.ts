/**
 * A client of a XenStore daemon.
 * Floor 6.
 */
import type { Channel } from '../../channel/channel.js'
import { connectSocket } from '../../channel/socket-channel.js'
import type { Clock } from '../../clock.js'
import { PeerError } from '../../errors.js'
import { xenStoreRetryMax } from '../xen-limits.js'
import { errnoOf, XenStoreConnection } from './connection.js'
import { encodeTexts, MessageType, textsIn } from './message.js'
import { nodesOver } from './nodes.js'
import { checkPath } from './path.js'
import type { Nodes, Store } from './store.js'

/**
 * Connects to a daemon's socket.
 * @throws {SystemError} as `connectSocket` does
 */
export async function connectXenStore({
  path,
  clock,
}: {
  path: string
  clock: Clock
}): Promise<XenStoreClient> {
  return new XenStoreClient({ channel: await connectSocket({ path }), clock })
}

/** One connection, and what is watched over it. */
export class XenStoreClient implements Store {
  readonly read: Nodes['read']
  readonly list: Nodes['list']
  readonly write: Nodes['write']
  readonly remove: Nodes['remove']
  readonly #connection: XenStoreConnection
  readonly #watches = new Map<string, (path: string) => void>()
  #watchCount = 0

  /** @param options a `channel` that is not started yet; it belongs to the client from now on */
  constructor({ channel, clock }: { readonly channel: Channel; readonly clock: Clock }) {
    this.#connection = new XenStoreConnection({
      channel,
      clock,
      onEvent: ({ path, token }) => this.#watches.get(token)?.(path),
    })
    const { read, list, write, remove } = this.#nodes(0)
    this.read = read
    this.list = list
    this.write = write
    this.remove = remove
  }

  get ended(): Promise<Error | undefined> {
    return this.#connection.ended
  }

  async watch(path: string, onEvent: (path: string) => void): Promise<() => Promise<void>> {
    const token = String((this.#watchCount += 1))
    const payload = encodeTexts(checkPath(path), token)
    // Before it is asked for: the first event may come ahead of the answer.
    this.#watches.set(token, onEvent)
    try {
      await this.#ask(MessageType.watch, payload)
    } catch (error) {
      this.#watches.delete(token)
      throw error
    }
    return async () => {
      if (this.#watches.delete(token)) await this.#ask(MessageType.unwatch, payload)
    }
  }

  async transaction<Value>(work: (nodes: Nodes) => Promise<Value>): Promise<Value> {
    for (let attempt = 1; attempt <= xenStoreRetryMax; attempt += 1) {
      const answer = await this.#ask(MessageType.transactionStart, encodeTexts(''))
      const transactionId = Number(textsIn(answer)[0])
      const value = await this.#within(transactionId, work)
      if (await this.#finish(transactionId, 'T')) return value
    }
    throw new PeerError(
      `Cannot finish a XenStore transaction: somebody else came between ${xenStoreRetryMax} times`,
      { code: 'xenstore-contended' },
    )
  }

  close(): void {
    this.#connection.close()
  }

  async #within<Value>(transactionId: number, work: (nodes: Nodes) => Promise<Value>): Promise<Value> {
    try {
      return await work(this.#nodes(transactionId))
    } catch (error) {
      // What went wrong inside is told; that it could not be taken back either would add nothing.
      await this.#finish(transactionId, 'F').catch(() => undefined)
      throw error
    }
  }

  /** @returns false when somebody else came between */
  async #finish(transactionId: number, verdict: 'T' | 'F'): Promise<boolean> {
    const payload = encodeTexts(verdict)
    try {
      await this.#connection.ask({ type: MessageType.transactionEnd, transactionId, payload })
      return true
    } catch (error) {
      if (errnoOf(error) === 'EAGAIN') return false
      throw error
    }
  }

  #nodes(transactionId: number): Nodes {
    return nodesOver(async (type, payload) => await this.#connection.ask({ type, transactionId, payload }))
  }

  async #ask(type: number, payload: Buffer): Promise<Buffer> {
    return await this.#connection.ask({ type, transactionId: 0, payload })
  }
}
