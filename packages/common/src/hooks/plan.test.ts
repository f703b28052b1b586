import { test } from 'tap'
import type { FoundHook } from './inspect-hook.js'
import type { HookSettings } from './hook-settings.js'
import { planSteps } from './plan.js'

function hook(name: string, settings: HookSettings = {}): FoundHook {
  return { name, path: `/hooks/${name}`, kind: 'executable', settings }
}

/** Steps in a row, those of one step joined by `+`, a refused one with a `!`. */
function order(...hooks: readonly FoundHook[]): string {
  const steps = planSteps(hooks)
  return steps
    .map((step) => step.map(({ name, refused }) => (refused === undefined ? name : `${name}!`)).join('+'))
    .join(' ')
}

function reasonsOf(...hooks: readonly FoundHook[]): readonly string[] {
  return planSteps(hooks).flatMap((step) => step.flatMap(({ refused }) => refused?.reason ?? []))
}

test('planSteps() goes by number and name', async (t) => {
  t.equal(order(hook('10-a'), hook('10-b'), hook('20-a')), '10-a 10-b 20-a')
  t.equal(order(), '')
})

test('planSteps() puts a hook behind those that it requires, whatever their numbers', async (t) => {
  const first = hook('10-first', { requires: ['50-last', '20-second'] })
  t.equal(order(first, hook('20-second'), hook('50-last')), '20-second 50-last 10-first')
  const chain = [hook('10-a', { requires: ['20-b'] }), hook('20-b', { requires: ['30-c'] }), hook('30-c')]
  t.equal(order(...chain), '30-c 20-b 10-a')
})

test('planSteps() puts neighbours of one number side by side where all of them may be', async (t) => {
  const parallel = (name: string, requires: readonly string[] = []): FoundHook =>
    hook(name, { isParallel: true, requires })
  t.equal(order(parallel('20-a'), parallel('20-b'), parallel('30-c')), '20-a+20-b 30-c')
  t.equal(order(parallel('20-a'), hook('20-b'), parallel('20-c')), '20-a 20-b 20-c')
  t.equal(order(parallel('20-a'), parallel('20-b', ['20-a']), parallel('20-c')), '20-a+20-c 20-b')
})

test('planSteps() refuses one of a circle and names all of it; the others come behind it', async (t) => {
  const circle = [
    hook('10-a', { requires: ['30-c'] }),
    hook('20-b', { requires: ['10-a'] }),
    hook('30-c', { requires: ['20-b'] }),
    hook('40-d', { requires: ['30-c'] }),
    hook('50-e'),
  ]
  t.equal(order(...circle), '50-e 10-a! 20-b 30-c 40-d')
  t.same(reasonsOf(...circle), [
    'these require one another, so none can be first: 10-a > 30-c > 20-b > 10-a; take one "requires" out',
  ])
  t.same(reasonsOf(hook('10-a', { requires: ['10-a'] })), [
    'these require one another, so none can be first: 10-a > 10-a; take one "requires" out',
  ])
  // Whoever waits for a circle is in none.
  const behind = [
    hook('10-x', { requires: ['20-a'] }),
    hook('20-a', { requires: ['20-b'] }),
    hook('20-b', { requires: ['20-a'] }),
  ]
  t.equal(order(...behind), '20-a! 10-x 20-b')
})

test('planSteps() refuses what requires a hook that is not there', async (t) => {
  t.same(reasonsOf(hook('10-netwrok'), hook('20-a', { requires: ['10-network'] })), [
    'it requires "10-network", and this phase has no such hook; did you mean "10-netwrok"?',
  ])
})
