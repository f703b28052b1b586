/**
 * How many calls, and how often: a rule's `rate` and `max-concurrent`, and places of any name.
 * Floor 5. It holds something for as long as it counts, and nothing for those who have long left.
 */
import type { Clock } from '../clock.js'
import type { Rule } from '../policy/rule.js'
import type { Result } from '../wire/result.js'
import { Gate } from './gate.js'
import { tooManyUnderRule, tooOften } from './refusals.js'
import type { Speaker } from './speaker.js'
import { TokenBucket } from './token-bucket.js'

interface Applicant {
  /** Whom a rate counts. */
  readonly callerKey: string
  readonly rule: Rule
  readonly speaker: Speaker
}

/** A place that was given; give it back once. */
export type Leave = () => void

/** Counts the calls under way. */
export class Admission {
  readonly #clock: Clock
  readonly #rates = new Map<string, TokenBucket>()
  readonly #gates = new Map<string, Gate>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Lets a call in, or says which limit it meets. */
  admit(applicant: Applicant): Leave | Result {
    const { rule, speaker } = applicant
    if (!this.#isInTime(applicant)) return tooOften(speaker, rule)
    const { concurrentMax } = rule.options
    if (concurrentMax === undefined) return () => undefined
    return this.tryEnter(`rule ${keyOf(rule)}`, concurrentMax) ?? tooManyUnderRule(speaker, rule)
  }

  /** Takes one of so many places of this name, if there is one. */
  tryEnter(name: string, countMax: number): Leave | undefined {
    const key = keyOfGate(name, countMax)
    const gate = this.#gate(key, countMax)
    return gate.tryEnter() ? () => this.#leave(key, gate) : undefined
  }

  /** Waits for one of so many places of this name. @returns `undefined` when the signal came first */
  async enter(
    name: string,
    { countMax, signal }: { countMax: number; signal: AbortSignal },
  ): Promise<Leave | undefined> {
    if (signal.aborted) return undefined
    const key = keyOfGate(name, countMax)
    const gate = this.#gate(key, countMax)
    return (await gate.enter(signal)) ? () => this.#leave(key, gate) : undefined
  }

  #gate(key: string, countMax: number): Gate {
    const gate = this.#gates.get(key) ?? new Gate(countMax)
    this.#gates.set(key, gate)
    return gate
  }

  #leave(key: string, gate: Gate): void {
    gate.leave()
    if (gate.isIdle) this.#gates.delete(key)
  }

  #isInTime({ callerKey, rule }: Applicant): boolean {
    const { rate } = rule.options
    if (rate === undefined) return true
    const key = `${keyOf(rule)} ${rate.count}/${rate.periodMs} ${callerKey}`
    const bucket = this.#rates.get(key) ?? this.#newBucket(key, rule)
    return bucket.take()
  }

  #newBucket(key: string, { options: { rate = { count: 1, periodMs: 1 } } }: Rule): TokenBucket {
    for (const [known, bucket] of this.#rates) if (bucket.isFull) this.#rates.delete(known)
    const bucket = new TokenBucket(rate, this.#clock)
    this.#rates.set(key, bucket)
    return bucket
  }
}

function keyOf({ place: { path, line } }: Rule): string {
  return `${path}:${line}`
}

/** Whoever came while another number was allowed is counted by that one. */
function keyOfGate(name: string, countMax: number): string {
  return `${name} ${countMax}`
}
