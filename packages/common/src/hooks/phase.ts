/**
 * The phases in which hooks are run: this table is the only place that names them.
 * Floor 5. Pure. What is not here is no phase, so a misspelt folder is told and not passed over.
 */
import { UsageError } from '../errors.js'
import { didYouMean } from '../nearest.js'

/** The daemon on whose side something happens. */
export type HookSide = 'host' | 'guest'

/** A phase's name: its folder's, too. */
export type PhaseName =
  | 'override-defaults'
  | 'source'
  | 'pre-install'
  | 'install'
  | 'post-config'
  | 'extra'
  | 'test-config'
  | 'unstack'
  | 'clean'
  | 'defined'
  | 'starting'
  | 'started'
  | 'connected'
  | 'ready'
  | 'paused'
  | 'resumed'
  | 'lost'
  | 'stopping'
  | 'stopped'
  | 'crashed'
  | 'before-migration'
  | 'after-migration'
  | 'before-hibernation'
  | 'after-hibernation'
  | 'before-freeze'
  | 'after-freeze'

/** What is known of a phase. */
export interface Phase {
  readonly name: PhaseName
  readonly sides: readonly HookSide[]
  /** The first argument of each of its hooks: as DevStack has it, and `guest` for what it does not know. */
  readonly mode: 'override_defaults' | 'source' | 'stack' | 'unstack' | 'clean' | 'guest'
  /** Whether a hook may say no to what is about to happen. What has happened already cannot be undone by a no. */
  readonly hasVeto: boolean
  /** How long each hook may take, unless its settings say otherwise. */
  readonly timeoutMs: number
}

const onHost: readonly HookSide[] = ['host']
const onBoth: readonly HookSide[] = ['host', 'guest']

/** Something is installed or configured. */
const longMs = 600_000
/** A guest's life goes on meanwhile. */
const usualMs = 60_000
/** Somebody waits for it: a host gives a guest some ten seconds before it migrates it, and a frozen file system stops programs. */
const shortMs = 10_000

const table: Readonly<Record<PhaseName, Omit<Phase, 'name'>>> = {
  // The daemon's setup, in this order.
  'override-defaults': { sides: onBoth, mode: 'override_defaults', hasVeto: true, timeoutMs: usualMs },
  source: { sides: onBoth, mode: 'source', hasVeto: true, timeoutMs: usualMs },
  'pre-install': { sides: onBoth, mode: 'stack', hasVeto: true, timeoutMs: longMs },
  install: { sides: onBoth, mode: 'stack', hasVeto: true, timeoutMs: longMs },
  'post-config': { sides: onBoth, mode: 'stack', hasVeto: true, timeoutMs: longMs },
  extra: { sides: onBoth, mode: 'stack', hasVeto: true, timeoutMs: longMs },
  'test-config': { sides: onBoth, mode: 'stack', hasVeto: true, timeoutMs: longMs },
  // Its teardown. Whoever takes something away must not be left with half of it.
  unstack: { sides: onBoth, mode: 'unstack', hasVeto: false, timeoutMs: longMs },
  clean: { sides: onBoth, mode: 'clean', hasVeto: false, timeoutMs: longMs },
  // A guest's life, as its host sees it.
  defined: { sides: onHost, mode: 'guest', hasVeto: false, timeoutMs: usualMs },
  starting: { sides: onHost, mode: 'guest', hasVeto: true, timeoutMs: usualMs },
  started: { sides: onHost, mode: 'guest', hasVeto: false, timeoutMs: usualMs },
  connected: { sides: onHost, mode: 'guest', hasVeto: false, timeoutMs: usualMs },
  ready: { sides: onHost, mode: 'guest', hasVeto: false, timeoutMs: usualMs },
  paused: { sides: onHost, mode: 'guest', hasVeto: false, timeoutMs: usualMs },
  resumed: { sides: onHost, mode: 'guest', hasVeto: false, timeoutMs: usualMs },
  lost: { sides: onHost, mode: 'guest', hasVeto: false, timeoutMs: usualMs },
  stopping: { sides: onHost, mode: 'guest', hasVeto: false, timeoutMs: usualMs },
  stopped: { sides: onHost, mode: 'guest', hasVeto: false, timeoutMs: usualMs },
  crashed: { sides: onHost, mode: 'guest', hasVeto: false, timeoutMs: usualMs },
  // What is done to a guest; its host and the guest itself have hooks of their own.
  'before-migration': { sides: onBoth, mode: 'guest', hasVeto: true, timeoutMs: shortMs },
  'after-migration': { sides: onBoth, mode: 'guest', hasVeto: false, timeoutMs: usualMs },
  'before-hibernation': { sides: onBoth, mode: 'guest', hasVeto: true, timeoutMs: shortMs },
  'after-hibernation': { sides: onBoth, mode: 'guest', hasVeto: false, timeoutMs: usualMs },
  'before-freeze': { sides: ['guest'], mode: 'guest', hasVeto: true, timeoutMs: shortMs },
  'after-freeze': { sides: ['guest'], mode: 'guest', hasVeto: false, timeoutMs: usualMs },
}

/** All phases, in the order of the table. */
export const phases: readonly Phase[] = Object.entries(table).map(([name, facts]) => ({
  name: name as PhaseName,
  ...facts,
}))

/** The phases that one side has. */
export function phasesOf(side: HookSide): readonly Phase[] {
  return phases.filter(({ sides }) => sides.includes(side))
}

/** A phase by its name, letter by letter. @throws {UsageError} `no-such-phase` */
export function phaseNamed(name: string, side: HookSide): Phase {
  const known = phasesOf(side)
  const phase = known.find((each) => each.name === name)
  if (phase !== undefined) return phase
  const names = known.map((each) => each.name)
  const elsewhere = phases.some((each) => each.name === name)
  const why = elsewhere ? `the ${side} has no such phase` : 'there is no such phase'
  const hint =
    (elsewhere ? '' : didYouMean(name.slice(0, 64), names)) || `; the phases are ${names.join(', ')}`
  throw new UsageError(`Cannot run the hooks of "${name}": ${why}${hint}`, { code: 'no-such-phase' })
}

/** What a hook is given as its arguments: DevStack's mode, and the phase. */
export function argumentsOf({ mode, name }: Phase): readonly [mode: string, phase: string] {
  return [mode, name]
}
