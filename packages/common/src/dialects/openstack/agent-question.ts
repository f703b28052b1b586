/**
 * One question to the agent in a domain, and the wait for its answer: a watch, no polling. What is left over is removed.
 * Floor 6.
 */
import { randomUUID } from 'node:crypto'
import { inTime } from '../../clock.js'
import type { Clock } from '../../clock.js'
import { PeerError, UsageError } from '../../errors.js'
import { xenStorePayloadBytesMax } from '../xen-limits.js'
import { objectFromPayload } from '../../wire/fields.js'
import { pythonJson } from '../python-json.js'
import type { JsonValue } from '../python-json.js'
import type { Store } from '../xenstore/store.js'
import { AgentError } from './agent-error.js'
import { namePath } from './xen-domain.js'
import type { XenDomain } from './xen-domain.js'

/** What is asked. */
export interface AgentQuestion {
  readonly domain: XenDomain
  readonly name: string
  readonly value: JsonValue
  readonly timeoutMs: number
}

/** What came back, whatever it means. */
export interface AgentAnswer {
  readonly returncode: string
  readonly message: string
}

/** The places of one question. */
interface Places {
  readonly request: string
  readonly answer: string
  readonly life: string
}

/**
 * Asks.
 * @throws {UsageError} `request-too-long`; {@link AgentError} `TIMEOUT`, `REBOOT`; {@link PeerError} `bad-answer`; what the store throws
 */
export async function askAgent(
  store: Store,
  { domain, name, value, timeoutMs, clock }: AgentQuestion & { readonly clock: Clock },
): Promise<AgentAnswer> {
  // Old agents insist on a real uuid.
  const id = randomUUID()
  const request = `${domain.path}/data/host/${id}`
  const places = { request, answer: `${domain.path}/data/guest/${id}`, life: namePath(domain.path) }
  const body = Buffer.from(pythonJson({ name, value }))
  assertFits(places, { name, body })
  const rebooted = (): AgentError =>
    new AgentError(
      'REBOOT',
      `"${domain.name}" went away before its agent had answered "${name}"; ask again once it is up`,
    )
  if (!(await put(store, { places, body }))) throw rebooted()
  const waiting = new Waiting(store, places)
  try {
    const outcome = await inTime(clock, { promise: waiting.answer, timeoutMs })
    if (outcome === undefined) throw timeout({ domain, name, timeoutMs })
    if (outcome.value === undefined) throw rebooted()
    return answerFrom(outcome.value, name)
  } finally {
    await waiting.end()
  }
}

/** The answer to one question, as long as it is waited for. */
class Waiting {
  /** `undefined` when the domain has gone. */
  readonly answer: Promise<Buffer | undefined>
  readonly #store: Store
  readonly #places: Places
  readonly #stops: Promise<() => Promise<void>>[] = []

  constructor(store: Store, places: Places) {
    this.#store = store
    this.#places = places
    this.answer = new Promise((resolve, reject) => {
      const look = async (): Promise<void> => {
        const [answer, life] = await Promise.all([store.read(places.answer), store.read(places.life)])
        if (answer !== undefined || life === undefined) resolve(answer)
      }
      for (const path of [places.answer, places.life]) {
        const stop = store.watch(path, () => void look().catch(reject))
        this.#stops.push(stop)
        stop.catch(reject)
      }
      void store.ended.then((cause) => reject(lost(cause)))
    })
  }

  /** Stops waiting, and removes what is there: nobody reads it any more. */
  async end(): Promise<void> {
    const { request, answer } = this.#places
    try {
      for (const stop of this.#stops) await (await stop)()
      for (const path of [request, answer]) await this.#store.remove(path)
    } catch {
      // The connection is over, and with it the watches; what the wait has come to is what counts.
    }
  }
}

/** Not into the remains of a domain. @returns whether the domain is there */
async function put(store: Store, { places, body }: { places: Places; body: Buffer }): Promise<boolean> {
  return await store.transaction(async (nodes) => {
    if ((await nodes.read(places.life)) === undefined) return false
    await nodes.write(places.request, body)
    return true
  })
}

function assertFits({ request }: Places, { name, body }: { name: string; body: Buffer }): void {
  const bytesMax = xenStorePayloadBytesMax - request.length - 1
  if (body.length <= bytesMax) return
  throw new UsageError(
    `Cannot send "${name}": as one node of XenStore it takes ${body.length} bytes, at most ${bytesMax} fit; ` +
      'call file-put over negotiator, where content has no such limit',
    { code: 'request-too-long' },
  )
}

function answerFrom(body: Buffer, name: string): AgentAnswer {
  try {
    const { returncode, message } = objectFromPayload(body, 'answer')
    // Old Windows agents end their messages with these four characters; Python 3's wrote some codes as numbers.
    return { returncode: textOf(returncode), message: textOf(message).replace(/(?:\\r\\n)+$/, '') }
  } catch (cause) {
    throw new PeerError(`Cannot read the agent's answer to "${name}": it is no JSON object`, {
      code: 'bad-answer',
      cause,
    })
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

function timeout({ domain, name, timeoutMs }: Omit<AgentQuestion, 'value'>): AgentError {
  return new AgentError(
    'TIMEOUT',
    `the agent of "${domain.name}" has not answered "${name}" within ${timeoutMs / 1000} s; ` +
      'is nova-agent running there, or negotiator-guest with its openstack dialect?',
  )
}

function lost(cause: Error | undefined): PeerError {
  return new PeerError("Cannot wait for an agent's answer: the connection to XenStore is over", {
    code: 'xenstore-lost',
    cause,
  })
}
