/**
 * The managed guests in the daemon: taken over when it starts, each looked after, and dealt with as their definitions say when the daemon
 * or the host goes down.
 * The disk says which guests there are, at every question.
 */
import { NegotiatorError, sentenceOf } from '@negotiator/common'
import { definitionOf } from '../definition-of.js'
import type { GuestDefinition } from '../definition.js'
import type { StopReason } from './guest-acts.js'
import { startGuest } from './guest-acts.js'
import { GuestRunner } from './guest-runner.js'
import type { Doing } from './guest-runner.js'
import type { CameOut, GuestReport, ReportedGuest } from './report.js'
import type { RunnerTools } from './runner-tools.js'
import { takeDown } from './take-down.js'

/** Guests that are looked at, or started, at once when the daemon starts: a host that boots has little time for each. */
const atOnceMax = 4

/** What `status` tells of a managed guest. */
export interface ManagedStatus extends Partial<ReportedGuest> {
  readonly uuid: string
  readonly doing: Doing | 'watch'
}

/** All managed guests. */
export class ManagedGuests {
  readonly #tools: RunnerTools
  readonly #runners = new Map<string, GuestRunner>()
  readonly #closing = new AbortController()
  /** What shall be started; absent before any guest was taken over. */
  #starting: Promise<void> | undefined

  constructor(tools: RunnerTools) {
    this.#tools = tools
  }

  /** Takes over what runs, and begins to start what shall; resolves once all that runs is watched. */
  async start(): Promise<void> {
    const { guests, faults } = await this.#tools.store.read()
    for (const { sentence } of faults) this.#tools.log.warn(sentence)
    const isOff = new Map<string, boolean>()
    const definitions = guests.map(({ values }) => definitionOf(values))
    await eachOf(
      definitions,
      async ({ uuid, driver }) => void isOff.set(uuid, await this.#adopt(uuid, driver)),
    )
    const wanted = definitions.filter(
      ({ uuid, onDaemonStart }) => onDaemonStart === 'start' && isOff.get(uuid) === true,
    )
    this.#starting = eachOf(wanted, async (definition) => await this.#startOne(definition))
  }

  /** For `status`. */
  status(): readonly ManagedStatus[] {
    return [...this.#runners.values()].map(({ uuid, doing }) => ({ uuid, doing: doing ?? 'watch' }))
  }

  /**
   * Does something to one guest.
   * @param guest its name or uuid
   * @returns what came of it, also when it failed
   * @throws {UsageError} `no-such-guest`
   */
  async act(guest: string, action: (runner: GuestRunner) => Promise<CameOut>): Promise<GuestReport> {
    const { values } = await this.#tools.store.find(guest)
    return await this.#report(values, async () => await action(this.#runner(values.uuid)))
  }

  /**
   * Does with all guests at once what their definitions want.
   * @param wish how long all of it may take, and what ends it early
   * @returns each guest's report, as soon as it is there
   */
  async *takeAllDown(
    which: 'onDaemonStop' | 'onHostShutdown',
    wish: { readonly timeoutMs?: number | undefined; readonly signal: AbortSignal },
  ): AsyncGenerator<GuestReport> {
    const { store, clock } = this.#tools
    const { guests } = await store.read()
    const untilMs = wish.timeoutMs === undefined ? undefined : clock.now() + wish.timeoutMs
    const why: StopReason = which === 'onDaemonStop' ? 'daemon-stop' : 'host-shutdown'
    const under = guests.map(async ({ values }) => {
      const runner = this.#runner(values.uuid)
      const action = definitionOf(values)[which]
      const needs = { runner, tools: this.#tools, signal: wish.signal, action, why, untilMs }
      return await this.#report(values, async () => await takeDown(needs))
    })
    yield* asTheyCome(under)
  }

  /** Deals with all guests as their definitions want when the daemon stops, and leaves them alone from then on. */
  async close(): Promise<void> {
    this.#closing.abort()
    // A daemon that could not start has no say: another one may be looking after them.
    if (this.#starting === undefined) return
    await this.#starting
    const { signal } = new AbortController()
    for await (const { guest, outcome, reason } of this.takeAllDown('onDaemonStop', { signal }))
      if (outcome !== 'ignored')
        this.#tools.log.info('A managed guest at the stop of the daemon', { ...guest, outcome, reason })
    await Promise.all([...this.#runners.values()].map(async (runner) => await runner.close()))
  }

  /** Watches a guest that runs, or has ended. @returns whether it is off, or suspended */
  async #adopt(uuid: string, driver: string): Promise<boolean> {
    const { signal } = this.#closing
    try {
      const { state } = await (await this.#tools.machinesOf(driver)).state({ uuid, signal })
      if (state === 'off' || state === 'suspended') return true
    } catch (error) {
      // Whoever watches asks again.
      this.#tools.log.warn(sentenceOf(error), { uuid })
    }
    this.#runner(uuid).watch()
    return false
  }

  async #startOne({ uuid, name }: GuestDefinition): Promise<void> {
    const { signal } = this.#closing
    if (signal.aborted) return
    const runner = this.#runner(uuid)
    try {
      await startGuest({ runner, tools: this.#tools, signal, why: 'daemon-start' })
    } catch (error) {
      this.#tools.log.warn(sentenceOf(error), { guest: name, uuid })
    }
  }

  #runner(uuid: string): GuestRunner {
    const known = this.#runners.get(uuid) ?? new GuestRunner(uuid, this.#tools)
    this.#runners.set(uuid, known)
    return known
  }

  async #report({ name, uuid }: ReportedGuest, action: () => Promise<CameOut>): Promise<GuestReport> {
    const { clock } = this.#tools
    const startMs = clock.now()
    const came = await action().catch((error: unknown): CameOut => {
      if (!(error instanceof NegotiatorError)) throw error
      return { outcome: 'failed', reason: error.message }
    })
    return { guest: { name, uuid }, ...came, durationMs: Math.round(clock.now() - startMs) }
  }
}

/** Does something with each of many, a few at once. */
async function eachOf<Value>(
  values: readonly Value[],
  action: (value: Value) => Promise<void>,
): Promise<void> {
  const waiting = [...values]
  const takeOne = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await action(next)
  }
  await Promise.all(Array.from({ length: atOnceMax }, takeOne))
}

async function* asTheyCome<Value>(promises: readonly Promise<Value>[]): AsyncGenerator<Value> {
  const waiting = new Map(
    promises.map((promise, key) => [key, promise.then((value) => ({ key, value }))] as const),
  )
  while (waiting.size > 0) {
    const { key, value } = await Promise.race(waiting.values())
    waiting.delete(key)
    yield value
  }
}
