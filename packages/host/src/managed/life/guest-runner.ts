/**
 * One managed guest in the daemon: what is done to it, one thing after another, and what becomes of it when it ends by itself.
 * It holds nothing that the disk and the hypervisor could not tell another daemon: what it watches, and what it waits for.
 */
import { delay, sentenceOf, UsageError } from '@negotiator/common'
import type { MachineEnd } from '../../drivers/machines.js'
import { definitionOf } from '../definition-of.js'
import type { GuestDefinition } from '../definition.js'
import { restart, restartWaitMs, settleEnd } from './exit-policy.js'
import type { WantedRestart } from './exit-policy.js'
import type { GuestAtHand } from './guest-at-hand.js'
import { InOrder } from './in-order.js'
import type { CameOut } from './report.js'
import type { RunnerTools } from './runner-tools.js'

/** A hypervisor that cannot be asked how a guest is, is asked again after so long. */
const askAgainMs = 10_000

/** What is being done to a guest; `status` tells it. */
export type Doing = 'start' | 'stop' | 'suspend' | 'resume' | 'settle' | 'wait-for-restart' | 'restart'

/** Something that is done to a guest. */
export interface Act {
  readonly doing: Doing
  readonly signal: AbortSignal
  /** What is under way is broken off for it. */
  readonly isUrgent?: boolean
  readonly action: (guest: GuestAtHand, signal: AbortSignal) => Promise<CameOut>
}

/** A guest that is looked after. */
export class GuestRunner {
  readonly uuid: string
  readonly #tools: RunnerTools
  readonly #turns = new InOrder()
  readonly #closed = new AbortController()
  /** Ends the watch for its end, and the wait for a restart: whoever does something to the guest begins both anew. */
  #attention = new AbortController()
  #underWay = new AbortController()
  #doing: Doing | undefined
  #isRestartDue = false

  constructor(uuid: string, tools: RunnerTools) {
    this.uuid = uuid
    this.#tools = tools
  }

  /** What is being done to it now. */
  get doing(): Doing | undefined {
    return this.#doing ?? (this.#isRestartDue ? 'wait-for-restart' : undefined)
  }

  /** Does something to the guest once its turn has come. @throws {UsageError} `no-such-guest`; what `action` throws */
  async act({ doing, signal, isUrgent, action }: Act): Promise<CameOut> {
    if (isUrgent === true) this.#breakOff('a kill of the guest')
    return await this.#turns.take(async () => {
      this.#attention.abort()
      this.#attention = new AbortController()
      this.#underWay = new AbortController()
      const until = AbortSignal.any([signal, this.#underWay.signal, this.#closed.signal])
      until.throwIfAborted()
      this.#doing = doing
      const guest = await this.#atHand()
      const wasLive = await isLive(guest)
      let came: CameOut | undefined
      try {
        came = await action(guest, until)
        return came
      } finally {
        this.#doing = undefined
        // It may have ended by itself meanwhile. One that had ended before, and was not started, is left as it was.
        if (wasLive || came?.outcome === 'running' || (await isLive(guest))) this.watch()
      }
    })
  }

  /** Watches for the guest's end from now on; one that has ended already is dealt with at once. */
  watch(): void {
    if (!this.#closed.signal.aborted) void this.#follow(this.#attention.signal)
  }

  /** Does something that nobody waits for, and that meets nothing else. */
  later(action: (guest: GuestAtHand, signal: AbortSignal) => Promise<void>): void {
    const { signal } = this.#closed
    const done = this.#atHand().then(async (guest) => await action(guest, signal))
    done.catch((error: unknown) => {
      if (!signal.aborted) this.#tools.log.warn(sentenceOf(error), { uuid: this.uuid })
    })
  }

  /** Breaks everything off; the machine stays as it is. */
  async close(): Promise<void> {
    this.#closed.abort(brokenOff('the stop of the daemon'))
    this.#breakOff('the stop of the daemon')
    await this.#turns.take(async () => await Promise.resolve())
  }

  /** Waits until it has ended by itself, as often as the hypervisor has to be asked. */
  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const { machines } = await this.#atHand()
        const status = await machines.ended({ uuid: this.uuid, signal })
        if (status.state === 'ended') await this.#settle(status.end, signal)
        return
      } catch (error) {
        if (signal.aborted || isGone(error)) return
        this.#tools.log.warn('Cannot tell how a managed guest is; it is looked after again in a moment', {
          uuid: this.uuid,
          reason: sentenceOf(error),
        })
        await delay(this.#tools.clock, { delayMs: askAgainMs, signal })
      }
    }
  }

  async #settle(end: MachineEnd, signal: AbortSignal): Promise<void> {
    const tools = this.#tools
    const wanted = await this.#inTurn('settle', signal, async (guest) => {
      const { state } = await guest.machines.state({ uuid: this.uuid, signal })
      return state === 'ended' ? await settleEnd(guest, { end, tools, signal }) : undefined
    })
    if (wanted !== undefined) await this.#restart(end, wanted, signal)
  }

  /** Waits, and starts it again; a start that fails counts as one more end. */
  async #restart(end: MachineEnd, first: WantedRestart, signal: AbortSignal): Promise<void> {
    const tools = this.#tools
    let wanted: WantedRestart | undefined = first
    while (wanted !== undefined && !signal.aborted) {
      const { waitMs, isSetAside } = wanted
      this.#isRestartDue = true
      await delay(tools.clock, { delayMs: waitMs, signal })
      this.#isRestartDue = false
      wanted = await this.#inTurn('restart', signal, async (guest) => {
        try {
          await restart(guest, { end, tools, isSetAside, signal })
          this.watch()
          return undefined
        } catch (error) {
          tools.log.warn(sentenceOf(error), { guest: guest.definition.name })
          const nextMs = await restartWaitMs(guest, { end, tools, signal })
          return nextMs === undefined ? undefined : { waitMs: nextMs, isSetAside: false }
        }
      })
    }
  }

  #breakOff(by: string): void {
    this.#underWay.abort(brokenOff(by))
    this.#attention.abort(brokenOff(by))
  }

  /** Unless somebody else's turn came first, who then has taken over. */
  async #inTurn<Value>(
    doing: Doing,
    signal: AbortSignal,
    action: (guest: GuestAtHand) => Promise<Value>,
  ): Promise<Value | undefined> {
    return await this.#turns.take(async () => {
      if (signal.aborted) return undefined
      this.#doing = doing
      try {
        return await action(await this.#atHand())
      } finally {
        this.#doing = undefined
      }
    })
  }

  /** As its definition is now: who changed it means the next thing that is done. */
  async #atHand(): Promise<GuestAtHand> {
    const { values } = await this.#tools.store.find(this.uuid)
    const definition: GuestDefinition = definitionOf(values)
    return { ...this.#tools, definition, machines: await this.#tools.machinesOf(definition.driver) }
  }
}

async function isLive({ machines, definition: { uuid } }: GuestAtHand): Promise<boolean> {
  const { signal } = new AbortController()
  // One that cannot be asked is watched: that asks again.
  const status = await machines.state({ uuid, signal }).catch(() => ({ state: 'running' }))
  return status.state === 'running' || status.state === 'paused'
}

function isGone(error: unknown): boolean {
  return error instanceof UsageError && error.code === 'no-such-guest'
}

function brokenOff(by: string): UsageError {
  return new UsageError(`It was broken off by ${by}`, { code: 'cancelled' })
}
