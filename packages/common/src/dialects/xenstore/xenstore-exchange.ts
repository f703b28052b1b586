/**
 * The guest's end of the exchange in which OpenStack's hosts ask: a node below `data/host` is a request, one of the same name
 * below `data/guest` its answer. Requests are taken one after the other, in the order in which the daemon lists them.
 * Floor 6. A request is taken once, whatever is in it: it is removed, and a mark is left in its place, in one transaction. A mark
 * that a new exchange finds is of a request that nobody has answered, and its host is told so. Nothing is polled.
 */
import type { Clock } from '../../clock.js'
import { sentenceOf } from '../../errors.js'
import type { Log } from '../../log.js'
import type { Letter, MountableExchange, ReadableNodes } from '../exchange.js'
import { AnswerKeeper } from './answer-keeper.js'
import { XenStoreError } from './connection.js'
import type { Store } from './store.js'

interface ExchangeOptions {
  /** It belongs to the exchange from now on. */
  readonly store: Store
  /** The domain's own path, for a daemon whose socket is not the domain's; empty for a guest's own connection. */
  readonly domainPath?: string | undefined
  readonly clock: Clock
  readonly log: Log
}

/** One request that was taken and not answered yet. */
interface Taken {
  readonly id: number
  readonly name: string
}

/** Moves requests and answers until its store is lost or it is closed. */
export class XenStoreExchange implements MountableExchange {
  readonly ended: Promise<Error | undefined>
  readonly nodes: ReadableNodes
  readonly #store: Store
  readonly #log: Log
  readonly #paths: Record<'requests' | 'answers' | 'marks', string>
  readonly #answers: AnswerKeeper
  /** Marks that were there at the beginning. */
  readonly #interrupted: string[] = []
  /** Names that could not be taken, so that they are told once. */
  readonly #refused = new Set<string>()
  #receive: (letter: Letter) => void = () => undefined
  #taken: Taken | undefined
  #lastId = 0
  #isLooking = false
  #isChanged = false
  #isOver = false

  constructor({ store, domainPath = '', clock, log }: ExchangeOptions) {
    const own = domainPath === '' ? '' : `${domainPath}/`
    const [requests, answers, marks] = [`${own}data/host`, `${own}data/guest`, `${own}data/negotiator-taken`]
    this.#paths = { requests, answers, marks }
    this.nodes = {
      read: async (path) => await store.read(own + path),
      list: async (path) => await store.list(own + path),
    }
    this.#store = store
    this.#log = log
    this.#answers = new AnswerKeeper({
      store,
      path: answers,
      clock,
      onFault: (error) => this.#tell(error),
    })
    this.ended = store.ended.then((cause) => {
      this.#isOver = true
      this.#answers.close()
      return cause
    })
  }

  start(receive: (letter: Letter) => void): void {
    this.#receive = receive
    void this.#begin().catch((error: unknown) => {
      this.#tell(error)
      this.close()
    })
  }

  reply(id: number, body: Buffer | undefined): void {
    const taken = this.#taken
    if (taken?.id !== id) return
    void this.#answer(taken.name, body)
      .catch((error: unknown) => this.#tell(error))
      .then(async () => {
        this.#taken = undefined
        await this.#look()
      })
  }

  /** A host asks; it is told nothing else. */
  push(): boolean {
    return false
  }

  close(): void {
    this.#store.close()
  }

  async #begin(): Promise<void> {
    await this.#answers.begin()
    this.#interrupted.push(...((await this.#store.list(this.#paths.marks)) ?? []))
    // Its first event comes at once: what was there before is taken, too.
    await this.#store.watch(this.#paths.requests, () => void this.#look())
  }

  /** Takes the next request, unless one is under way; then it is looked for once that is answered. */
  async #look(): Promise<void> {
    this.#isChanged = true
    if (this.#isLooking) return
    this.#isLooking = true
    while (this.#isChanged && this.#taken === undefined && !this.#isOver) {
      this.#isChanged = false
      await this.#giveNext().catch((error: unknown) => this.#tell(error))
    }
    this.#isLooking = false
  }

  async #giveNext(): Promise<void> {
    const interrupted = this.#interrupted.shift()
    if (interrupted !== undefined) return this.#give(interrupted, { fault: 'interrupted' })
    const names = (await this.#store.list(this.#paths.requests)) ?? []
    for (const name of this.#refused) if (!names.includes(name)) this.#refused.delete(name)
    for (const name of names.filter((name) => !this.#refused.has(name))) {
      const body = await this.#take(name)
      if (body !== undefined) return this.#give(name, { body })
    }
  }

  #give(name: string, { body = Buffer.alloc(0), fault }: Partial<Omit<Letter, 'id'>>): void {
    const id = (this.#lastId += 1)
    this.#taken = { id, name }
    this.#receive({ id, body, fault })
  }

  /** @returns its body; `undefined` when its host has taken it back, or it cannot be had */
  async #take(name: string): Promise<Buffer | undefined> {
    const { requests, marks } = this.#paths
    try {
      return await this.#store.transaction(async (nodes) => {
        const body = await nodes.read(`${requests}/${name}`)
        if (body === undefined) return undefined
        await nodes.remove(`${requests}/${name}`)
        await nodes.write(`${marks}/${name}`, Buffer.alloc(0))
        return body
      })
    } catch (error) {
      if (!(error instanceof XenStoreError)) throw error
      this.#refused.add(name)
      this.#log.warn('A request in XenStore cannot be taken; it is passed over', { reason: error.message })
      return undefined
    }
  }

  async #answer(name: string, body: Buffer | undefined): Promise<void> {
    const { answers, marks } = this.#paths
    try {
      await this.#store.transaction(async (nodes) => {
        if (body !== undefined) await nodes.write(`${answers}/${name}`, body)
        await nodes.remove(`${marks}/${name}`)
      })
      this.#answers.keep(name)
    } catch (error) {
      // An answer that cannot be written will not be tried again, by us or by whoever comes after us.
      await this.#store.remove(`${marks}/${name}`)
      throw error
    }
  }

  /** That the connection is over is told by `ended`. */
  #tell(error: unknown): void {
    if (this.#isOver) return
    this.#log.error('Requests in XenStore cannot be served', { reason: sentenceOf(error) })
  }
}
