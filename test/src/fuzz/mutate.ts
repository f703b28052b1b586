/**
 * Inputs out of inputs: a plan is a seed and some steps, each a few numbers, so that fast-check can draw and repeat it.
 */
import fc from 'fast-check'
import { byteMutators } from './mutate-bytes.js'
import { frameMutators } from './mutate-frames.js'
import { jsonMutators } from './mutate-json.js'
import { lineMutators } from './mutate-lines.js'
import type { Mutator, Step } from './mutator.js'
import { xmlMutators } from './mutate-xml.js'
import type { Grammar, Target } from './target.js'

/** How one input is made. */
export interface Plan {
  readonly seed: number
  /** The input that some steps take pieces of. */
  readonly other: number
  readonly steps: readonly Step[]
}

/** Longer inputs only make everything slower. */
const inputBytesMax = 256 * 1024

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.nat(),
  at: fc.nat(),
  amount: fc.nat(),
  value: fc.nat(),
})

/** Plans as fast-check draws them. */
export const anyPlan: fc.Arbitrary<Plan> = fc.record({
  seed: fc.nat(),
  other: fc.nat(),
  steps: fc.array(step, { minLength: 1, maxLength: 6 }),
})

/** Those of a grammar come twice as often, for most others break at the first check. */
const mutators: Readonly<Record<Grammar, readonly Mutator[]>> = {
  bytes: byteMutators,
  frames: [...frameMutators, ...frameMutators, ...byteMutators],
  json: [...jsonMutators, ...jsonMutators, ...byteMutators],
  lines: [...lineMutators, ...lineMutators, ...byteMutators],
  xml: [...xmlMutators, ...xmlMutators, ...byteMutators],
}

/** Makes the input of a plan out of a pool, which is not empty. */
export function inputOf({ grammar, tokens }: Target, plan: Plan, pool: readonly Buffer[]): Buffer {
  const kinds = mutators[grammar]
  const other = pool[plan.other % pool.length] ?? Buffer.alloc(0)
  let input = pool[plan.seed % pool.length] ?? Buffer.alloc(0)
  for (const each of plan.steps) {
    const mutate = kinds[each.kind % kinds.length]
    if (mutate !== undefined) input = mutate(input, { ...each, other, tokens }).subarray(0, inputBytesMax)
  }
  return input
}
