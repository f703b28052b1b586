import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { sentenceOfProblem } from './fault.js'
import type { PolicyStore } from './load.js'
import { guest, self, shortForm } from './test-policy.js'
import { openStore, policyFolder, recordedLog, stateAfter, writePolicy } from './test-policy-folder.js'

const allowAll = '* * * * allow'
const denyAll = '* * * * deny'
const question = { caller: guest('web1'), target: self, command: 'hello', args: [] }

function decided(store: PolicyStore): string {
  return shortForm(store.decide(question))
}

function reasonOf(store: PolicyStore): string {
  const decision = store.decide(question)
  return decision.kind === 'deny' ? decision.reason : 'allowed'
}

test('one typo stops nothing: the last good policy stays in force until it is mended', async (t) => {
  const folder = policyFolder(t)
  writePolicy(join(folder, '10-a.policy'), 'other * * * deny')
  const path = writePolicy(join(folder, '20-b.policy'), allowAll)
  const { log, lines } = recordedLog()
  const store = await openStore(t, { folder, log })
  const { loadedAt } = store.state
  const stale = await stateAfter(store, () => writePolicy(path, denyAll, '* * @hots * allow'))
  t.equal(decided(store), 'allow 1', 'not even the good line of the bad file counts')
  t.same(stale, {
    files: [join(folder, '10-a.policy'), path],
    ruleCount: 2,
    loadedAt,
    problems: [
      {
        file: '20-b.policy',
        path,
        line: 2,
        column: 5,
        message:
          'unknown keyword "@hots"; write @host, @self or @anyguest (a name\'s own "@" is written %40)',
        fix: 'write @host, @self or @anyguest (a name\'s own "@" is written %40)',
      },
    ],
    isStale: true,
    deniesAll: false,
  })
  const mended = await stateAfter(store, () => writePolicy(path, denyAll))
  t.equal(decided(store), 'deny 1')
  t.same([mended.problems, mended.isStale], [[], false])
  t.same(
    lines.map(({ level, message }) => [level, message]),
    [
      [
        'error',
        'The policy has a fault at 20-b.policy:2:5: unknown keyword "@hots"; write @host, @self or @anyguest (a name\'s own "@" is written %40)',
      ],
      ['error', 'The last good policy stays in force until this is mended'],
      ['info', 'The policy is in force again'],
    ],
  )
})

test('a fault in one file holds back a good change in another', async (t) => {
  const folder = policyFolder(t)
  const good = writePolicy(join(folder, '10-a.policy'), allowAll)
  const bad = writePolicy(join(folder, '20-b.policy'), denyAll)
  const store = await openStore(t, { folder })
  await stateAfter(store, () => writePolicy(bad, 'nonsense'))
  writePolicy(good, denyAll)
  await store.reload()
  t.equal(decided(store), 'allow 1')
  await stateAfter(store, () => writePolicy(bad, denyAll))
  t.equal(decided(store), 'deny 1', 'then both count at once')
})

test('each fault is logged once, and again when it comes back', async (t) => {
  const folder = policyFolder(t)
  const path = writePolicy(join(folder, '10-a.policy'), allowAll)
  const { log, lines } = recordedLog()
  const store = await openStore(t, { folder, log })
  await stateAfter(store, () => writePolicy(path, 'x'))
  await store.reload()
  await stateAfter(store, () => writePolicy(path, 'x', 'y'))
  await stateAfter(store, () => writePolicy(path, allowAll))
  await stateAfter(store, () => writePolicy(path, 'x'))
  const places = lines.map(({ message }) => /10-a\.policy:\d+/.exec(String(message))?.[0] ?? message)
  t.same(places, [
    '10-a.policy:1',
    'The last good policy stays in force until this is mended',
    '10-a.policy:2',
    'The policy is in force again',
    '10-a.policy:1',
    'The last good policy stays in force until this is mended',
  ])
})

test('a policy that is bad at the start denies everything and says so, until it is mended', async (t) => {
  const folder = policyFolder(t)
  writePolicy(join(folder, '10-a.policy'), allowAll)
  const path = writePolicy(join(folder, '20-b.policy'), '', '* * * * alow')
  const { log, lines } = recordedLog()
  const store = await openStore(t, { folder, log })
  t.equal(
    reasonOf(store),
    'the policy could not be read: 20-b.policy:2:9 is at fault; an administrator must mend it',
  )
  t.equal(store.mayEverCall(question), false)
  t.match(store.explain(question), { decision: store.decide(question), passed: [] })
  t.match(store.state, { isStale: false, deniesAll: true, files: [], ruleCount: 0, loadedAt: undefined })
  t.equal(lines.at(-1)?.['message'], 'Everything is denied until the policy is mended')
  await stateAfter(store, () => writePolicy(path, ''))
  t.equal(decided(store), 'allow 1')
  t.match(store.state, { isStale: false, deniesAll: false, problems: [] })
})

test('many faults are counted, not kept', async (t) => {
  const folder = policyFolder(t)
  writeFileSync(join(folder, '10-a.policy'), 'x\n'.repeat(5_000), { mode: 0o644 })
  const store = await openStore(t, { folder })
  t.equal(store.state.problems.length, 101)
  t.equal(
    store.state.problems.map(sentenceOfProblem).at(-1),
    '10-a.policy:101:2: 900 more faults from here on; mend the others first',
  )
})
