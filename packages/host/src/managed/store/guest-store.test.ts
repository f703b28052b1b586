import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { testFolder } from '@negotiator/common/testing'
import { test } from 'tap'
import { otherUuid, testUuid } from '../test-definition.js'
import { GuestStore } from './guest-store.js'
import { storeWithGuest, valuesOf } from './test-store.js'

test('GuestStore finds a guest by name and by uuid, which is its folder', async (t) => {
  const { store, file } = await storeWithGuest(t)
  t.same(await store.find('web1'), { revision: 1, origin: 1, values: valuesOf() })
  t.same(await store.find(testUuid.toUpperCase()), await store.find('web1'))
  t.ok(existsSync(file))
})

test('GuestStore lets nobody but its owner read a definition', async (t) => {
  const { folder, file } = await storeWithGuest(t)
  for (const path of [folder, join(folder, testUuid), join(folder, testUuid, 'revisions')])
    t.equal(statSync(path).mode & 0o777, 0o700)
  t.equal(statSync(file).mode & 0o777, 0o600)
})

test('GuestStore is empty where there is no folder', async (t) => {
  const store = new GuestStore(join(testFolder(t), 'guests'))
  t.same(await store.read(), { guests: [], faults: [] })
  await t.rejects(store.find('web1'), {
    message:
      'Cannot find the managed guest "web1": none has this name or uuid; "guest list" tells which there are',
  })
})

test('GuestStore names the guest that was meant', async (t) => {
  const { store } = await storeWithGuest(t)
  await t.rejects(store.find('web11'), { message: /none has this name or uuid; did you mean "web1"\?$/ })
})

test('GuestStore keeps the uuid and the folder of a guest that is renamed', async (t) => {
  const { store, folder } = await storeWithGuest(t)
  await store.put({ values: valuesOf({ name: 'web2' }), madeFrom: 1 })
  t.match(await store.find('web2'), { revision: 2, values: { uuid: testUuid } })
  await t.rejects(store.find('web1'), { code: 'no-such-guest' })
  t.same(
    readdirSync(folder).filter((name) => !name.startsWith('.')),
    [testUuid],
  )
})

test('GuestStore gives each name once', async (t) => {
  const { store } = await storeWithGuest(t)
  const put = store.put({ values: valuesOf({ uuid: otherUuid }) })
  await t.rejects(put, {
    code: 'name-taken',
    message: `Cannot name a guest "web1": ${testUuid} has this name; take another, or define that one with its uuid`,
  })
  t.equal((await store.read()).guests.length, 1)
})

test('GuestStore gives each name once, also to those who ask at the same time', async (t) => {
  const { store } = await storeWithGuest(t)
  const uuids = ['a', 'b', 'c', 'd'].map((digit) => `9b1f0f3a-0000-4000-8000-00000000000${digit}`)
  const puts = await Promise.allSettled(
    uuids.map(async (uuid) => await store.put({ values: valuesOf({ uuid, name: 'db1' }) })),
  )
  t.equal(puts.filter(({ status }) => status === 'fulfilled').length, 1)
  t.equal((await store.read()).guests.length, 2)
})

test('GuestStore refuses a change of what is no longer in force', async (t) => {
  const { store } = await storeWithGuest(t)
  await store.put({ values: valuesOf({ vcpus: 2 }), madeFrom: 1 })
  await t.rejects(store.put({ values: valuesOf({ vcpus: 3 }), madeFrom: 1 }), {
    message:
      'Cannot change "web1": its definition was changed meanwhile (revision 2, wanted 1); begin again with the one in force',
  })
})

test('GuestStore.undo() goes back step by step, and each step is a revision', async (t) => {
  const { store } = await storeWithGuest(t)
  for (const vcpus of [2, 3]) await store.put({ values: valuesOf({ vcpus }) })
  t.match(await store.undo('web1', { isDryRun: true }), { revision: 4, origin: 2 })
  t.match(await store.find('web1'), { revision: 3 })
  t.match(await store.undo('web1', { isDryRun: false }), { revision: 4, origin: 2, values: { vcpus: 2 } })
  t.match(await store.undo('web1', { isDryRun: false }), { revision: 5, origin: 1, values: { vcpus: 1 } })
  await t.rejects(store.undo('web1', { isDryRun: false }), {
    message: 'Cannot undo a change of "web1": no earlier revision of it is kept',
  })
  await store.put({ values: valuesOf({ vcpus: 4 }) })
  t.match(await store.undo('web1', { isDryRun: false }), { revision: 7, origin: 1, values: { vcpus: 1 } })
})

test('GuestStore keeps ten revisions', async (t) => {
  const { store, folder } = await storeWithGuest(t)
  for (let vcpus = 2; vcpus <= 14; vcpus += 1) await store.put({ values: valuesOf({ vcpus }) })
  const kept = readdirSync(join(folder, testUuid, 'revisions')).map((name) => Number.parseInt(name, 10))
  t.same(
    kept.sort((left, right) => left - right),
    [4, 5, 6, 7, 8, 9, 10, 11, 12, 13],
  )
})

test('GuestStore.undo() brings back a guest that was undefined, with its revisions', async (t) => {
  const { store, folder } = await storeWithGuest(t)
  await store.put({ values: valuesOf({ vcpus: 2 }) })
  await store.remove(testUuid)
  t.same((await store.read()).guests, [])
  t.match(await store.undo('web1', { isDryRun: true }), { revision: 2 })
  t.same((await store.read()).guests, [])
  t.match(await store.undo('web1', { isDryRun: false }), { revision: 2 })
  t.match(await store.undo(testUuid, { isDryRun: false }), { values: { vcpus: 1 } })
  await store.remove(testUuid)
  t.same(readdirSync(join(folder, '.trash')), [testUuid])
})

test('GuestStore.undo() brings no guest back whose name has another one now', async (t) => {
  const { store } = await storeWithGuest(t)
  await store.remove(testUuid)
  await store.put({ values: valuesOf({ uuid: otherUuid }) })
  await t.rejects(store.undo(testUuid, { isDryRun: false }), { code: 'name-taken' })
  await t.rejects(store.undo('db1', { isDryRun: false }), {
    message: 'Cannot find the managed guest "db1": none has this name or uuid, and none was undefined',
  })
})

test('GuestStore moves a bad definition aside, tells it, and reads the others', async (t) => {
  const { store, folder, file } = await storeWithGuest(t)
  await store.put({ values: valuesOf({ vcpus: 2 }) })
  await store.put({ values: valuesOf({ uuid: otherUuid, name: 'db1' }) })
  writeFileSync(file, '{"revision": 2')
  const aside = join(folder, testUuid, 'bad-definition-1970-01-01T00-00-00-000Z.json')
  const moved = `The guest ${testUuid} has no definition that can be read; what it had is in "${aside}"; define it anew, or bring the revision before it back: guest undo ${testUuid}`
  const { guests, faults } = await store.read()
  t.match(guests, [{ values: { name: 'db1' } }])
  t.match(faults, [{ uuid: testUuid }])
  t.ok(faults[0]?.sentence.startsWith(`Cannot read the definition "${file}" as JSON: `))
  t.ok(faults[0]?.sentence.endsWith(`\n${moved}`))
  t.equal(readFileSync(aside, 'utf8'), '{"revision": 2')
  t.same((await store.read()).faults, [{ uuid: testUuid, sentence: moved }])
  await t.rejects(store.find(testUuid), { code: 'bad-definition', message: moved })
  t.match(await store.undo(testUuid, { isDryRun: false }), { origin: 1, values: { vcpus: 1 } })
  t.same((await store.read()).faults, [])
})

test('GuestStore believes no definition that lies in the folder of another, or has what no store writes', async (t) => {
  const { store, file } = await storeWithGuest(t)
  const definition = { ...valuesOf({ uuid: otherUuid }), vcpus: 0 }
  writeFileSync(file, JSON.stringify({ revision: 0, origin: 1, state: 'running', definition }))
  const [fault] = (await store.read()).faults
  t.match(fault?.sentence.split('\n'), [
    `Cannot use the definition "${file}": it has 3 faults`,
    '  state: there is no such setting',
    '  revision: it is no whole number from 1 on',
    '  vcpus: it is 0, wanted a whole number from 1 to 4096',
  ])
  await store.put({ values: valuesOf() })
  writeFileSync(file, JSON.stringify({ revision: 1, origin: 1, definition: valuesOf({ uuid: otherUuid }) }))
  t.match((await store.read()).faults, [
    { sentence: new RegExp(`uuid: it is "${otherUuid}", wanted "${testUuid}" as its folder`) },
  ])
})

test('GuestStore passes over what is no guest, and a definition that was never finished', async (t) => {
  const { store, folder, file } = await storeWithGuest(t)
  writeFileSync(join(folder, 'notes.txt'), '')
  writeFileSync(`${file}.new`, '{')
  rmSync(file)
  t.same(await store.read(), { guests: [], faults: [] })
  t.match(await store.put({ values: valuesOf() }), { revision: 1 })
})

test('GuestStore writes nothing in a dry run', async (t) => {
  const { store } = await storeWithGuest(t)
  t.match(await store.put({ values: valuesOf({ vcpus: 2 }), isDryRun: true }), { revision: 2 })
  t.match(await store.find('web1'), { revision: 1, values: { vcpus: 1 } })
})

test('GuestStore tells where it cannot write', async (t) => {
  const folder = join(testFolder(t), 'file')
  writeFileSync(folder, '')
  await t.rejects(new GuestStore(join(folder, 'guests')).put({ values: valuesOf() }), {
    code: 'cannot-write',
    message: `Cannot change the managed guests in "${folder}/guests": ENOTDIR`,
  })
  await t.rejects(new GuestStore(folder).read(), { message: `Cannot read "${folder}": ENOTDIR` })
})
