/**
 * What of our own code has run, as V8 counts it: an input that runs something new is worth mutating further.
 */
import { Session } from 'node:inspector'
import type { Profiler } from 'node:inspector'

/** Our compiled sources; the fuzzer's own are no news. */
const ours = /\/packages\/[a-z]+\/dist\/(?!.*\.test\.js)/

/** Counts the characters of our code that have run at least once. */
export class Coverage {
  readonly #session = new Session()
  /** For each file, a 1 for each character that has run. */
  readonly #ran = new Map<string, Uint8Array>()
  #ranCount = 0

  /** Begins to count; code that has run before is news once more. */
  start(): void {
    this.#session.connect()
    this.#session.post('Profiler.enable')
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  stop(): void {
    this.#session.post('Profiler.stopPreciseCoverage')
    this.#session.disconnect()
  }

  /** Characters that have run so far. */
  get ranCount(): number {
    return this.#ranCount
  }

  /** Whether something ran since the last look that never ran before; it stays news until it is noted. */
  hasNews(): boolean {
    return this.#look().some(({ url, ran }) => this.#newIn(url, ran) > 0)
  }

  /** Notes what has run since the last look. @returns how many characters ran for the first time */
  note(): number {
    const before = this.#ranCount
    for (const { url, ran } of this.#look()) {
      this.#ranCount += this.#newIn(url, ran)
      this.#ran.set(url, this.#united(url, ran))
    }
    return this.#ranCount - before
  }

  #look(): readonly RanScript[] {
    let scripts: readonly Profiler.ScriptCoverage[] = []
    this.#session.post('Profiler.takePreciseCoverage', (error, coverage) => {
      if (error === null) scripts = coverage.result
    })
    return scripts.filter(({ url }) => ours.test(url)).map(ranIn)
  }

  #newIn(url: string, ran: Uint8Array): number {
    const known = this.#ran.get(url)
    return ran.reduce((sum, isRun, at) => (isRun === 1 && known?.[at] !== 1 ? sum + 1 : sum), 0)
  }

  #united(url: string, ran: Uint8Array): Uint8Array {
    const known = this.#ran.get(url) ?? new Uint8Array(0)
    const all = new Uint8Array(Math.max(ran.length, known.length))
    all.set(known)
    for (const [at, isRun] of ran.entries()) if (isRun === 1) all[at] = 1
    return all
  }
}

interface RanScript {
  readonly url: string
  /** A 1 for each character that has run. */
  readonly ran: Uint8Array
}

function ranIn({ url, functions }: Profiler.ScriptCoverage): RanScript {
  const ranges = functions.flatMap((each) => each.ranges)
  const ran = new Uint8Array(ranges.reduce((most, range) => Math.max(most, range.endOffset), 0))
  // From the outside in, so that the innermost range has the last word.
  for (const { startOffset, endOffset, count } of ranges.toSorted(byStart))
    ran.fill(count > 0 ? 1 : 0, startOffset, endOffset)
  return { url, ran }
}

function byStart(one: Profiler.CoverageRange, other: Profiler.CoverageRange): number {
  return one.startOffset - other.startOffset || other.endOffset - one.endOffset
}
