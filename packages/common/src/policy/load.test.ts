import { rmSync, symlinkSync } from 'node:fs'
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
  t.equal(
    reasonOf(store),
    'rule 30-local.policy:2 denies it; an administrator can allow it by a rule before that one',
  )
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
  t.equal(
    reasonOf(store),
    'rule 50-shipped.policy:1 denies it; an administrator can allow it by a rule before that one',
  )
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
