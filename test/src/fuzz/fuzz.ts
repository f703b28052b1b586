/**
 * Fuzzes one target: rounds of mutated inputs, drawn by fast-check. What runs something new of our code joins the
 * pool that the next round mutates. A run of the same seed, corpus and number of rounds is the same run.
 */
import { performance } from 'node:perf_hooks'
import fc from 'fast-check'
import { corpusOf } from './corpus.js'
import type { Coverage } from './coverage.js'
import { minimise } from './minimise.js'
import { anyPlan, inputOf } from './mutate.js'
import type { Target } from './target.js'

/** How much to do. */
export interface FuzzOptions {
  readonly seed: number
  /** Asked before each round. */
  readonly goOn: (runCount: number) => boolean
  readonly runsPerRound?: number
  /** Guides, when there is one. */
  readonly coverage?: Coverage | undefined
}

/** A promise that was broken. */
export interface Finding {
  readonly input: Buffer
  readonly error: Error
}

/** What fuzzing a target came to. */
export interface FuzzReport {
  readonly runCount: number
  readonly findings: readonly Finding[]
  readonly slowestMs: number
  readonly slowestInput: Buffer
  /** Inputs that ran something new. */
  readonly keptCount: number
}

const pooledMax = 500

/** Fuzzes until it is told not to go on. */
export async function fuzz(target: Target, options: FuzzOptions): Promise<FuzzReport> {
  const { seed, goOn, runsPerRound = 200, coverage } = options
  const pool = corpusOf(target).map(({ bytes }) => bytes)
  const seedCount = pool.length
  const findings = new Map<string, Finding>()
  const slowest = { ms: 0, input: Buffer.alloc(0) }
  let [runCount, keptCount] = [0, 0]
  coverage?.note()
  for (let round = 0; goOn(runCount); round += 1) {
    const inputs: Buffer[] = []
    const property = fc.asyncProperty(anyPlan, async (plan) => {
      const input = inputOf(target, plan, pool)
      inputs.push(input)
      const startMs = performance.now()
      const error = await brokenBy(target, input)
      const ms = performance.now() - startMs
      if (ms > slowest.ms) Object.assign(slowest, { ms, input })
      return error === undefined || findings.has(kindOf(error))
    })
    // What is found is made smaller by its bytes, not by its plan.
    const parameters = { seed: seed + round, numRuns: runsPerRound, endOnFailure: true }
    const { failed, counterexample } = await fc.check(property, parameters)
    runCount += inputs.length
    if (failed && counterexample !== null) {
      const finding = await findingOf(target, inputOf(target, counterexample[0], pool))
      if (finding !== undefined) findings.set(kindOf(finding.error), finding)
    }
    if (coverage?.hasNews() === true) {
      const news = await newsAmong(inputs, { target, coverage })
      keptCount += news.length
      pool.push(...news)
      if (pool.length > pooledMax) pool.splice(seedCount, pool.length - pooledMax)
    }
  }
  return {
    runCount,
    keptCount,
    findings: [...findings.values()],
    slowestMs: slowest.ms,
    slowestInput: slowest.input,
  }
}

/** How an input breaks the promise; `undefined` when it does not. */
export async function brokenBy(target: Target, input: Buffer): Promise<Error | undefined> {
  try {
    await target.check(Buffer.from(input))
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error(`it threw ${String(error)}`)
  }
}

async function findingOf(target: Target, input: Buffer): Promise<Finding | undefined> {
  const error = await brokenBy(target, input)
  if (error === undefined) return undefined
  const smallest = await minimise(input, async (candidate) => {
    const again = await brokenBy(target, candidate)
    return again !== undefined && kindOf(again) === kindOf(error)
  })
  return { input: smallest, error: (await brokenBy(target, smallest)) ?? error }
}

/** Errors of one kind are one finding: the same words, but for what is quoted and counted in them. */
function kindOf(error: Error): string {
  return `${error.name}: ${error.message.split(':')[0]?.replace(/\d+/g, 'N') ?? ''}`
}

/** Those of a round's inputs that run what no input before has run: a look at coverage is too dear to have for each. */
async function newsAmong(
  inputs: readonly Buffer[],
  { target, coverage }: { target: Target; coverage: Coverage },
): Promise<readonly Buffer[]> {
  const news: Buffer[] = []
  for (const input of inputs) {
    await brokenBy(target, input)
    if (coverage.note() > 0) news.push(input)
  }
  return news
}
