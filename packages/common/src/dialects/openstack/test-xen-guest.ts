/**
 * A domain in a test's XenStore, with an agent that answers as the test says.
 * Floor 6, for tests.
 */
import { systemClock } from '../../clock.js'
import { connectXenStore } from '../xenstore/client.js'
import type { XenStoreClient } from '../xenstore/client.js'
import type { TestXenStoreServer } from '../xenstore/test-xenstore-server.js'

/** What the agent has been asked. */
export interface AskedOfGuest {
  readonly name: string
  readonly value: unknown
}

/** @returns the answer's bytes as text; `undefined` for none */
type AnswerAs = (asked: AskedOfGuest) => string | undefined

/** An old agent: it takes each request and answers it. */
export class TestXenGuest {
  readonly asked: AskedOfGuest[] = []
  /** Whether it takes requests at all. */
  isThere = true
  readonly #store: XenStoreClient
  readonly #path: string
  readonly #answer: AnswerAs
  #turn: Promise<void> = Promise.resolve()

  private constructor(store: XenStoreClient, { path, answer }: { path: string; answer: AnswerAs }) {
    this.#store = store
    this.#path = path
    this.#answer = answer
  }

  /** @param start the `socket` of the `server`, the domain's number, and how it answers */
  static async start({
    socket,
    server,
    id = '7',
    answer,
  }: {
    socket: string
    server: TestXenStoreServer
    id?: string
    answer: AnswerAs
  }): Promise<TestXenGuest> {
    const path = `/local/domain/${id}`
    server.write(`${path}/name`, 'web1')
    server.write(`${path}/vm`, '/vm/8b04ed8b-5aa1-4a6a-bb56-ad0f00d1c0de')
    const guest = new TestXenGuest(await connectXenStore({ path: socket, clock: systemClock }), {
      path,
      answer,
    })
    // A daemon that hangs up is what a test wanted.
    const look = async (): Promise<void> => await guest.#look().catch(() => undefined)
    await guest.#store.watch(`${path}/data/host`, () => {
      guest.#turn = guest.#turn.then(look)
    })
    return guest
  }

  async #look(): Promise<void> {
    const path = this.#path
    for (const id of (await this.#store.list(`${path}/data/host`)) ?? []) {
      const body = await this.#store.read(`${path}/data/host/${id}`)
      if (body === undefined || !this.isThere) continue
      await this.#store.remove(`${path}/data/host/${id}`)
      const asked = JSON.parse(body.toString()) as AskedOfGuest
      this.asked.push(asked)
      const answer = this.#answer(asked)
      if (answer !== undefined) await this.#store.write(`${path}/data/guest/${id}`, Buffer.from(answer))
    }
  }
}
