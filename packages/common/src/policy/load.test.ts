import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
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

test('the files are asked in the order of their names, as bytes', async (t) => {
  const folder = policyFolder(t)
  for (const name of ['a.policy', 'B.policy', '9.policy', '10.policy', 'a-b.policy', 'a_b.policy'])
    writePolicy(join(folder, name), `${name.replace('.policy', '')} * * * allow`)
  const store = await openStore(t, { folder })
  t.same(
    store.rules.map(({ command }) => command),
    ['10', '9', 'B', 'a-b', 'a', 'a_b'],
  )
  t.same(
    store.state.files,
    ['10', '9', 'B', 'a-b', 'a', 'a_b'].map((name) => join(folder, `${name}.policy`)),
  )
  t.equal(store.state.ruleCount, 6)
})

test('an earlier file decides before a later one', async (t) => {
  const folder = policyFolder(t)
  writePolicy(join(folder, '90-default.policy'), allowAll)
  writePolicy(join(folder, '30-local.policy'), '# nobody', denyAll)
  const store = await openStore(t, { folder })
  t.equal(reasonOf(store), 'rule 30-local.policy:2 denies it')
})

test('files that are no policies are ignored', async (t) => {
  const folder = policyFolder(t)
  for (const name of ['a.policy~', 'a.policy.dpkg-new', '.a.policy', '.#a.policy', 'README', 'policy'])
    writePolicy(join(folder, name), 'nonsense')
  symlinkSync('nobody@nowhere.1:2', join(folder, '.#b.policy'))
  const store = await openStore(t, { folder })
  t.same(store.state.problems, [])
  t.equal(store.state.deniesAll, false)
  t.match(reasonOf(store), /^no rule of the policy allows it; /)
})

test('the shipped file takes part by its name', async (t) => {
  const folder = policyFolder(t)
  const shippedFolder = policyFolder(t)
  const shippedFile = writePolicy(join(shippedFolder, '50-shipped.policy'), 'hello * * * deny')
  writePolicy(join(folder, '90-late.policy'), allowAll)
  const store = await openStore(t, { folder, shippedFile })
  t.equal(reasonOf(store), 'rule 50-shipped.policy:1 denies it')
  t.same(store.state.files, [shippedFile, join(folder, '90-late.policy')])
})

test("a file of the shipped one's name replaces it, and its removal brings it back", async (t) => {
  const folder = policyFolder(t)
  const shippedFile = writePolicy(join(policyFolder(t), '90-default.policy'), denyAll)
  const own = writePolicy(join(folder, '90-default.policy'), '# mine', allowAll)
  const store = await openStore(t, { folder, shippedFile })
  t.equal(decided(store), 'allow 2')
  t.same(store.state.files, [own])
  await stateAfter(store, () => rmSync(own))
  t.equal(decided(store), 'deny 1')
})

test('a shipped file that is not there denies', async (t) => {
  const folder = policyFolder(t)
  writePolicy(join(folder, '10-a.policy'), allowAll)
  const store = await openStore(t, { folder, shippedFile: join(folder, '../90-default.policy') })
  t.same(store.state.problems.map(sentenceOfProblem), [
    '90-default.policy: the shipped policy is not there; install the package again, or put a file of this name into the policy folder',
  ])
  t.equal(decided(store), 'deny')
})

test('a change of content is seen, and one that renames a file into place', async (t) => {
  const folder = policyFolder(t)
  const path = writePolicy(join(folder, '10-a.policy'), allowAll)
  const store = await openStore(t, { folder })
  t.equal(decided(store), 'allow 1')
  await stateAfter(store, () => writePolicy(path, denyAll))
  t.equal(decided(store), 'deny 1')
  await stateAfter(store, () => renameSync(writePolicy(join(folder, '.new'), '#', allowAll), path))
  t.equal(decided(store), 'allow 2')
  await stateAfter(store, () => writePolicy(path, denyAll))
  t.equal(decided(store), 'deny 1', 'the new file is watched, too')
})

test('a new, a renamed and a removed file are seen', async (t) => {
  const folder = policyFolder(t)
  const store = await openStore(t, { folder })
  t.equal(decided(store), 'deny')
  await stateAfter(store, () => writePolicy(join(folder, '20-a.policy'), allowAll))
  t.equal(decided(store), 'allow 1')
  const { files } = await stateAfter(store, () =>
    renameSync(join(folder, '20-a.policy'), join(folder, '30-a.policy')),
  )
  t.same(files, [join(folder, '30-a.policy')])
  await stateAfter(store, () => rmSync(join(folder, '30-a.policy')))
  t.equal(decided(store), 'deny')
})

test('a change of the shipped file is seen, as an upgrade makes it', async (t) => {
  const shippedFile = writePolicy(join(policyFolder(t), '90-default.policy'), denyAll)
  const store = await openStore(t, { folder: policyFolder(t), shippedFile })
  await stateAfter(store, () => renameSync(writePolicy(`${shippedFile}.new`, allowAll), shippedFile))
  t.equal(decided(store), 'allow 1')
})

test('a file behind a link is followed, and its change is seen', async (t) => {
  const folder = policyFolder(t)
  const real = writePolicy(join(policyFolder(t), 'real'), allowAll)
  symlinkSync(real, join(folder, '10-a.policy'))
  const store = await openStore(t, { folder })
  t.equal(decided(store), 'allow 1')
  await stateAfter(store, () => writePolicy(real, denyAll))
  t.equal(reasonOf(store), 'rule 10-a.policy:1 denies it')
})

test('a folder that is missing, and what it lies in, may appear later', async (t) => {
  const top = policyFolder(t)
  const folder = join(top, 'etc', 'negotiator', 'policy.d')
  const store = await openStore(t, { folder })
  t.same([store.state.problems, store.state.deniesAll, decided(store)], [[], false, 'deny'])
  await stateAfter(store, () => {
    mkdirSync(folder, { recursive: true, mode: 0o755 })
    writePolicy(join(folder, '10-a.policy'), allowAll)
  })
  t.equal(decided(store), 'allow 1')
  await stateAfter(store, () => writePolicy(join(folder, '10-a.policy'), denyAll))
  t.equal(decided(store), 'deny 1')
})

test('a folder that appears step by step is seen', async (t) => {
  const top = policyFolder(t)
  const folder = join(top, 'negotiator', 'policy.d')
  const store = await openStore(t, { folder })
  mkdirSync(join(top, 'negotiator'), { mode: 0o755 })
  await store.reload()
  mkdirSync(folder, { mode: 0o755 })
  await store.reload()
  await stateAfter(store, () => writePolicy(join(folder, '10-a.policy'), allowAll))
  t.equal(decided(store), 'allow 1')
})

test('a folder that is removed and made anew at once is watched', async (t) => {
  const folder = policyFolder(t)
  writePolicy(join(folder, '10-a.policy'), allowAll)
  const store = await openStore(t, { folder })
  await stateAfter(store, () => {
    rmSync(folder, { recursive: true })
    mkdirSync(folder, { mode: 0o755 })
  })
  t.equal(decided(store), 'deny')
  await stateAfter(store, () => writePolicy(join(folder, '10-a.policy'), allowAll))
  t.equal(decided(store), 'allow 1')
})

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
    '10-a.policy:101:2: 4900 more faults from here on; mend the others first',
  )
})

test('a change of mode is seen: unsafe keeps the last good policy, safe takes the new one', async (t) => {
  const folder = policyFolder(t)
  const path = writePolicy(join(folder, '10-a.policy'), allowAll)
  const store = await openStore(t, { folder })
  const unsafe = await stateAfter(store, () => chmodSync(path, 0o664))
  t.same([unsafe.isStale, decided(store)], [true, 'allow 1'])
  const safe = await stateAfter(store, () => chmodSync(path, 0o644))
  t.same([safe.isStale, safe.problems], [false, []])
  const open = await stateAfter(store, () => chmodSync(folder, 0o777))
  t.match(open.problems, [{ file: 'policy.d', line: 0 }])
  await stateAfter(store, () => chmodSync(folder, 0o755))
  t.same(store.state.problems, [])
})

test('a burst of changes is told once', async (t) => {
  const folder = policyFolder(t)
  const store = await openStore(t, { folder })
  const told: number[] = []
  store.subscribe(({ ruleCount }) => told.push(ruleCount))
  await stateAfter(store, () => {
    for (let number = 10; number < 60; number += 1) writePolicy(join(folder, `${number}-a.policy`), allowAll)
  })
  t.same(told, [50])
})

test('reload() tells nobody when nothing has changed', async (t) => {
  const folder = policyFolder(t)
  writePolicy(join(folder, '10-a.policy'), allowAll)
  const store = await openStore(t, { folder })
  store.subscribe(() => t.fail('nothing has changed'))
  await store.reload()
  await Promise.all([store.reload(), store.reload()])
  t.equal(decided(store), 'allow 1')
})

test('a subscriber that fails harms no other', async (t) => {
  const folder = policyFolder(t)
  const { log, lines } = recordedLog()
  const store = await openStore(t, { folder, log })
  store.subscribe(() => {
    throw new Error('I am broken')
  })
  await stateAfter(store, () => writePolicy(join(folder, '10-a.policy'), allowAll))
  t.match(lines, [
    { level: 'error', message: 'A change of the policy was not taken in', reason: 'I am broken' },
  ])
})
