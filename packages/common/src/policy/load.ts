/**
 * The policy that is in force: read at the start, and anew whenever a file of it changes.
 * Floor 4. All or nothing: a fault anywhere keeps the last good policy, and without one everything is denied.
 */
import { sentenceOf } from '../errors.js'
import type { Log } from '../log.js'
import type { GuestEnd } from './caller.js'
import { decide, mayEverCall } from './decide.js'
import type { PolicySide } from './end.js'
import { explain } from './explain.js'
import type { Explanation } from './explain.js'
import type { PolicyProblem } from './fault.js'
import type { ParsedRule } from './parse-rule.js'
import { boundProblems, tellProblems } from './problems.js'
import { readPolicy } from './read-policy.js'
import type { PolicyFolders, ReadPolicy } from './read-policy.js'
import { reasonOfBadPolicy } from './refusal.js'
import type { Decision, Question, Rule } from './rule.js'
import { isShutOut } from './shut-out.js'
import type { PolicyState } from './state.js'
import { PolicyWatch } from './watch.js'

/** What a store is opened with. */
export interface PolicyStoreOptions extends PolicyFolders {
  readonly side: PolicySide
  readonly log: Log
}

interface GoodPolicy {
  readonly files: readonly string[]
  readonly rules: readonly ParsedRule[]
  readonly loadedAt: string
}

type Subscriber = (state: PolicyState) => void

/** The policy of one side. */
export class PolicyStore {
  readonly #options: PolicyStoreOptions
  readonly #subscribers = new Set<Subscriber>()
  #watch: PolicyWatch | undefined
  #good: GoodPolicy | undefined
  #problems: readonly PolicyProblem[] = []
  #reading: Promise<void> | undefined
  #isAskedAgain = false

  private constructor(options: PolicyStoreOptions) {
    this.#options = options
  }

  /**
   * Begins to watch the files and reads them. Never throws for what is in them: a bad policy denies.
   * @param options the `folder`, which may be missing and appear later, and the `shippedFile`, if there is one
   */
  static async open(options: PolicyStoreOptions): Promise<PolicyStore> {
    const store = new PolicyStore(options)
    // First the watch, then the reading: what changes in between is read twice instead of never.
    store.#watch = await PolicyWatch.open({ ...options, onChange: () => store.#reloadQuietly() })
    await store.reload()
    return store
  }

  /** The rules in force, in order. */
  get rules(): readonly Rule[] {
    return this.#parsedRules.map(({ rule }) => rule)
  }

  get state(): PolicyState {
    const hasProblems = this.#problems.length > 0
    return {
      files: this.#good?.files ?? [],
      ruleCount: this.#parsedRules.length,
      loadedAt: this.#good?.loadedAt,
      problems: this.#problems,
      isStale: hasProblems && this.#good !== undefined,
      deniesAll: this.#good === undefined,
    }
  }

  /** Decides about one call. */
  decide(question: Question): Decision {
    if (this.#good === undefined) return { kind: 'deny', reason: reasonOfBadPolicy(this.#problems) }
    return decide(this.#good.rules, question, this.#options.side)
  }

  /** Whether a command could be called with some arguments. */
  mayEverCall(question: Omit<Question, 'args'>): boolean {
    return mayEverCall(this.#parsedRules, question, this.#options.side)
  }

  /** Whether a guest may call nothing and be called by nobody, as far as that is certain. */
  isShutOut(guest: GuestEnd): boolean {
    return isShutOut(this.#parsedRules, guest)
  }

  /** Why a call is decided as it is. */
  explain(question: Question): Explanation {
    return { ...explain(this.#parsedRules, question, this.#options.side), decision: this.decide(question) }
  }

  /** Calls `subscriber` whenever the policy or its problems change, until the returned function is called. */
  subscribe(subscriber: Subscriber): () => void {
    this.#subscribers.add(subscriber)
    return () => void this.#subscribers.delete(subscriber)
  }

  /** Reads the files now; resolves when what they hold now is in force, or known to be bad. */
  async reload(): Promise<void> {
    this.#isAskedAgain = true
    this.#reading ??= this.#readAll()
    await this.#reading
  }

  /** Stops watching. */
  async close(): Promise<void> {
    this.#subscribers.clear()
    await this.#watch?.close()
    await this.#reading
  }

  get #parsedRules(): readonly ParsedRule[] {
    return this.#good?.rules ?? []
  }

  /** One reading at a time; a change during a reading asks for another. */
  async #readAll(): Promise<void> {
    try {
      while (this.#isAskedAgain) {
        this.#isAskedAgain = false
        this.#take(await readPolicy(this.#options))
      }
    } finally {
      this.#reading = undefined
    }
  }

  #reloadQuietly(): void {
    this.reload().catch((error: unknown) => {
      this.#options.log.error('The policy stays as it was', { reason: sentenceOf(error) })
    })
  }

  #take({ files, rules, problems }: ReadPolicy): void {
    const before = this.#fingerprint
    const known = this.#problems
    this.#problems = boundProblems(problems)
    if (problems.length === 0) this.#good = { files, rules, loadedAt: new Date().toISOString() }
    tellProblems({ log: this.#options.log, known, state: this.state })
    if (before === this.#fingerprint) return
    for (const subscriber of this.#subscribers) this.#inform(subscriber)
  }

  /** One subscriber's fault is not the policy's. */
  #inform(subscriber: Subscriber): void {
    try {
      subscriber(this.state)
    } catch (error) {
      this.#options.log.error('A change of the policy was not taken in', { reason: sentenceOf(error) })
    }
  }

  get #fingerprint(): string {
    return JSON.stringify([this.#good?.files, this.rules, this.#problems, this.#good === undefined])
  }
}
