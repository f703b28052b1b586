/**
 * The policy that is in force: read at the start, and anew whenever a file of it changes.
 * Floor 4. All or nothing: a fault anywhere keeps the last good policy, and without one everything is denied.
 */
import { sentenceOf } from '../errors.js'
import type { Log } from '../log.js'
import { decide, mayEverCall } from './decide.js'
import type { PolicySide } from './end.js'
import { explain } from './explain.js'
import type { Explanation } from './explain.js'
import { placeOfProblem } from './fault.js'
import type { PolicyProblem } from './fault.js'
import type { ParsedRule } from './parse-rule.js'
import { readPolicy } from './read-policy.js'
import type { PolicyFolders, ReadPolicy } from './read-policy.js'
import { reasonOfBadPolicy } from './refusal.js'
import type { Decision, Question, Rule } from './rule.js'
import { PolicyWatch } from './watch.js'

/** What there is to know about a policy. */
export interface PolicyState {
  /** The paths of the files in force, in the order in which they are asked. */
  readonly files: readonly string[]
  readonly ruleCount: number
  /** When the policy in force was read, as ISO 8601; absent when none ever was. */
  readonly loadedAt?: string | undefined
  /** What is wrong with the files as they are now. */
  readonly problems: readonly PolicyProblem[]
  /** The files have problems, so the last good policy is in force instead. */
  readonly isStale: boolean
  /** The files have problems and have had some since the start, so everything is denied. */
  readonly deniesAll: boolean
}

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

/** Problems beyond these are counted, not kept: they would only fill the log and the status. */
const problemsMax = 100

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
    this.#problems = bounded(problems)
    if (problems.length === 0) this.#good = { files, rules, loadedAt: new Date().toISOString() }
    this.#tell(known)
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

  #tell(known: readonly PolicyProblem[]): void {
    const { log } = this.#options
    for (const problem of this.#problems) {
      const { path, message } = problem
      if (known.some((other) => isSameProblem(other, problem))) continue
      log.error(`The policy has a fault at ${placeOfProblem(problem)}: ${message}`, { path })
    }
    if (known.length > 0 && this.#problems.length === 0)
      log.info('The policy is in force again', { rules: this.#parsedRules.length })
    if (known.length === 0 && this.#problems.length > 0)
      log.error(
        this.#good === undefined
          ? 'Everything is denied until the policy is mended'
          : 'The last good policy stays in force until this is mended',
        { loadedAt: this.#good?.loadedAt },
      )
  }

  get #fingerprint(): string {
    return JSON.stringify([this.#good?.files, this.rules, this.#problems, this.#good === undefined])
  }
}

function bounded(problems: readonly PolicyProblem[]): readonly PolicyProblem[] {
  const [last] = problems.slice(problemsMax)
  if (last === undefined) return problems
  const fix = 'mend the others first'
  const message = `${problems.length - problemsMax} more faults from here on; ${fix}`
  return [...problems.slice(0, problemsMax), { ...last, message, fix }]
}

function isSameProblem(one: PolicyProblem, other: PolicyProblem): boolean {
  return (
    one.path === other.path &&
    one.line === other.line &&
    one.column === other.column &&
    one.message === other.message
  )
}
