/**
 * Calls from the host to the guest, several at a time and of all kinds, for as long as wanted; each has an id that the command
 * notes when it is executed.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as pass } from 'node:timers/promises'
import type { Client } from '@negotiator/host'
import type { HostProgram } from '../machine/host-program.js'
import type { Ledger } from './ledger.js'
import type { Random } from './random.js'
import { noteName } from './soak-image.js'
import { guestName } from './soak-machine.js'

const callersCount = 3
/** A caller without a daemon tries again so often. */
const connectEachMs = 200
/** Calls that fail at once would be all that there is. */
const afterFailureMs = 300

interface HostCallsOptions {
  readonly host: HostProgram
  readonly ledger: Ledger
  readonly random: Random
}

/** The host's callers. */
export class HostCalls {
  readonly #options: HostCallsOptions
  readonly #over = new AbortController()
  readonly #calling: Promise<unknown>
  #connecting: Promise<Client | undefined> | undefined

  constructor(options: HostCallsOptions) {
    this.#options = options
    this.#calling = Promise.all(Array.from({ length: callersCount }, async () => await this.#callUntilOver()))
  }

  /** Makes no further calls, and waits until those that were made have ended. */
  async stop(): Promise<void> {
    this.#over.abort()
    await this.#calling
    const client = await this.#connecting
    client?.close()
  }

  async #callUntilOver(): Promise<void> {
    while (!this.#over.signal.aborted) {
      const client = await this.#client()
      if (client === undefined) await pass(connectEachMs)
      else await this.#callOnce(client)
      await pass(this.#options.random.between(20, 300))
    }
  }

  async #callOnce(client: Client): Promise<void> {
    const { ledger, random } = this.#options
    const id = randomUUID()
    const timeoutMs = random.pick([400, 3000, 10_000])
    const seconds = random.pick([0, 0, 0.3, 2])
    const bytes = random.pick([0, 10, 100_000])
    const call = { target: guestName, command: noteName, args: [id, seconds, bytes].map(String) }
    ledger.calls.push({
      ...{ id, direction: 'host-to-guest', atMs: Date.now(), timeoutMs, timeline: ledger.timeline },
    })
    const options = random.pick([
      {},
      {},
      { stdin: id },
      { signal: AbortSignal.timeout(random.between(1, 900)) },
    ])
    const text = await client.run(call, { timeoutMs, ...options }).then(
      (outcome) => textOf(outcome),
      (error: unknown) => `thrown ${error instanceof Error ? error.message : 'something'}`,
    )
    ledger.results.push({ id, atMs: Date.now(), timeline: ledger.timeline, text })
    if (text.startsWith('exited')) return
    await this.#forgetUnlessAlive(client)
    await pass(afterFailureMs)
  }

  async #client(): Promise<Client | undefined> {
    this.#connecting ??= this.#options.host.connect().catch(() => undefined)
    const client = await this.#connecting
    if (client === undefined) this.#connecting = undefined
    return client
  }

  /** A daemon that was started anew has a new socket. */
  async #forgetUnlessAlive(client: Client): Promise<void> {
    const isAlive = await client.status().then(
      () => true,
      () => false,
    )
    if (isAlive || client !== (await this.#connecting)) return
    this.#connecting = undefined
    client.close()
  }
}

function textOf(outcome: {
  readonly kind: string
  readonly code?: number
  readonly signal?: string
}): string {
  return [outcome.kind, outcome.code ?? outcome.signal].join(' ').trim()
}
