import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { PolicyStore } from './load.js'
import { guest, self, shortForm } from './test-policy.js'
import { openStore, policyFolder, stateAfter, writePolicy } from './test-policy-folder.js'

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
  t.equal(
    reasonOf(store),
    'rule 10-a.policy:1 denies it; an administrator can allow it by a rule before that one',
  )
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
