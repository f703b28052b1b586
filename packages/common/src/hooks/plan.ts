/**
 * In which order the hooks of a phase are run: by number and name, but each behind those that it requires.
 * Floor 5. Pure. What cannot be ordered is refused, with the circle that it stands in.
 */
import { didYouMean } from '../nearest.js'
import type { FoundHook } from './inspect-hook.js'
import { numberOf } from './hook-name.js'

/** Hooks that are run at the same time; the next step begins when all of them are over. */
export type Step = readonly FoundHook[]

/** Orders the hooks, given in the order of their names. Each of them is in exactly one step. */
export function planSteps(hooks: readonly FoundHook[]): readonly Step[] {
  let waiting = hooks.map((hook) => withRequirements(hook, hooks))
  const steps: Step[] = []
  const placed = new Set<string>()
  while (waiting.length > 0) {
    const isFree = (hook: FoundHook): boolean => requirementsOf(hook).every((name) => placed.has(name))
    const first = waiting.find(isFree)
    // The rest waits for one another, or for those that do.
    const step =
      first === undefined ? [inCircle(waiting)] : [first, ...besides(first, waiting.filter(isFree))]
    const taken = new Set(step.map(({ name }) => name))
    for (const name of taken) placed.add(name)
    waiting = waiting.filter(({ name }) => !taken.has(name))
    steps.push(step)
  }
  return steps
}

function requirementsOf({ settings, refused }: FoundHook): readonly string[] {
  return refused === undefined ? (settings.requires ?? []) : []
}

/** A hook that requires what is not there is refused: it was to run behind something. */
function withRequirements(hook: FoundHook, hooks: readonly FoundHook[]): FoundHook {
  const names = hooks.map(({ name }) => name)
  const missing = requirementsOf(hook).find((name) => !names.includes(name))
  if (missing === undefined) return hook
  const reason = `it requires "${missing}", and this phase has no such hook${didYouMean(missing, names)}`
  return { ...hook, refused: { reason } }
}

/** Those right behind it in its number, where all of them may run at the same time. */
function besides(first: FoundHook, free: readonly FoundHook[]): Step {
  if (first.settings.isParallel !== true || first.refused !== undefined) return []
  const behind = free.slice(free.indexOf(first) + 1)
  const end = behind.findIndex(
    ({ name, settings }) => numberOf(name) !== numberOf(first.name) || settings.isParallel !== true,
  )
  return end < 0 ? behind : behind.slice(0, end)
}

/** One of a circle, refused with the whole of it; refused it requires nothing, so the others get their places. */
function inCircle(waiting: readonly FoundHook[]): FoundHook {
  const byName = new Map(waiting.map((hook) => [hook.name, hook]))
  const trail: FoundHook[] = []
  let next = waiting[0]
  while (next !== undefined && !trail.includes(next)) {
    trail.push(next)
    next = requirementsOf(next).flatMap((name) => byName.get(name) ?? [])[0]
  }
  const circle = next === undefined ? trail : trail.slice(trail.indexOf(next))
  const [hook] = [...circle].sort((one, other) => (one.name < other.name ? -1 : 1))
  if (hook === undefined) throw new RangeError('a circle has no hooks')
  const at = circle.indexOf(hook)
  const names = [...circle.slice(at), ...circle.slice(0, at), hook].map(({ name }) => name)
  const reason = `these require one another, so none can be first: ${names.join(' > ')}; take one "requires" out`
  return { ...hook, refused: { reason } }
}
