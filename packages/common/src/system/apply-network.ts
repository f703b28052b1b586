/**
 * What `apply-network` answers: what a dry run would do, what was done, what became of it, and what the last change was.
 * Floor 1. The command prints it with `--json`; the schemas check what a guest answered.
 */
import * as z from 'zod/mini'
import { countOrNull, moment } from './values.js'

/** An interface and what it was given. */
export interface AppliedInterface {
  readonly name: string
  /** Lower case, with colons. */
  readonly mac: string
  /** With their lengths, such as `192.0.2.42/24`. */
  readonly addresses: readonly string[]
}

/** What a dry run answers. */
export interface NetworkPreview {
  readonly backend: string
  /** The files that would change, with passwords masked. */
  readonly files: readonly { readonly path: string; readonly difference: string }[]
  readonly commandsBefore: readonly string[]
  readonly commandsAfter: readonly string[]
  /** For people: what is left alone, and why. */
  readonly notes: readonly string[]
}

/** What a change answers. */
export interface AppliedNetwork {
  /** `pending` is rolled back unless somebody confirms it; `unchanged` waits for nobody. */
  readonly state: 'pending' | 'unchanged'
  /** `null` where there is nothing to confirm. */
  readonly confirmWithinSeconds: number | null
  readonly backend: string
  readonly interfaces: readonly AppliedInterface[]
  /** The paths of those that changed. */
  readonly files: readonly string[]
  /** For people: what was left alone, and why. */
  readonly notes: readonly string[]
}

/** What `confirm` and `rollback` answer. */
export interface NetworkDecision {
  readonly state: 'confirmed' | 'rolled-back'
}

/** What `show` answers where there was no change. */
export interface NoNetworkChange {
  readonly state: 'none'
}

/** What `show` answers otherwise. */
export interface LastNetworkChange {
  readonly state: 'pending' | 'confirmed' | 'rolling-back' | 'rolled-back'
  /** Until it is rolled back; `null` unless somebody waits for its confirmation. */
  readonly secondsLeft: number | null
  /** It is pending, but the machine was started anew since: nobody rolls it back. */
  readonly isForgotten: boolean
  readonly madeAt: string
  readonly caller: string
  readonly backend: string
  readonly interfaces: readonly AppliedInterface[]
  /** The paths of those that changed. */
  readonly files: readonly string[]
}

const backend = z.string().check(z.minLength(1))
const paths = z.array(z.string().check(z.startsWith('/')))
const interfaces = z.array(
  z.strictObject({
    name: z.string().check(z.minLength(1)),
    mac: z.string().check(z.regex(/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/)),
    addresses: z.array(z.string().check(z.regex(/^[0-9a-f.:]+\/\d{1,3}$/))),
  }),
)

export const networkPreviewSchema: z.ZodMiniType<NetworkPreview> = z.strictObject({
  backend,
  files: z.array(z.strictObject({ path: z.string().check(z.startsWith('/')), difference: z.string() })),
  commandsBefore: z.array(z.string()),
  commandsAfter: z.array(z.string()),
  notes: z.array(z.string()),
})

export const appliedNetworkSchema: z.ZodMiniType<AppliedNetwork> = z.strictObject({
  state: z.enum(['pending', 'unchanged']),
  confirmWithinSeconds: countOrNull,
  backend,
  interfaces,
  files: paths,
  notes: z.array(z.string()),
})

export const networkDecisionSchema: z.ZodMiniType<NetworkDecision> = z.strictObject({
  state: z.enum(['confirmed', 'rolled-back']),
})

export const lastNetworkChangeSchema: z.ZodMiniType<NoNetworkChange | LastNetworkChange> = z.union([
  z.strictObject({ state: z.literal('none') }),
  z.strictObject({
    state: z.enum(['pending', 'confirmed', 'rolling-back', 'rolled-back']),
    secondsLeft: countOrNull,
    isForgotten: z.boolean(),
    madeAt: moment,
    caller: z.string(),
    backend,
    interfaces,
    files: paths,
  }),
])
