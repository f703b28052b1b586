import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { systemClock } from '../../clock.js'
import type { Clock } from '../../clock.js'
import { FakeClock } from '../../fake-clock.js'
import { xenStoreAnswerMs, xenStoreRetryMax } from '../xen-limits.js'
import { testFolder } from '../../test-folder.js'
import { connectXenStore } from './client.js'
import type { XenStoreClient } from './client.js'
import { TestXenStoreServer } from './test-xenstore-server.js'

interface Stage {
  readonly server: TestXenStoreServer
  readonly client: XenStoreClient
}

async function setStage(t: Test, clock: Clock = systemClock): Promise<Stage> {
  const path = join(testFolder(t), 'socket')
  const server = await TestXenStoreServer.listen(path)
  t.teardown(() => server.close())
  return { server, client: await connectXenStore({ path, clock }) }
}

test('XenStoreClient writes, reads, lists and removes', async (t) => {
  const { client } = await setStage(t)
  const binary = Buffer.of(0, 255, 10, 0)
  await client.write('/a/b', binary)
  await client.write('/a/c', Buffer.from('see'))
  t.same(await client.read('/a/b'), binary)
  t.same(await client.list('/a'), ['b', 'c'])
  await client.remove('/a/b')
  await client.remove('/a/b')
  await client.remove('/nobody/there')
  t.equal(await client.read('/a/b'), undefined)
  t.equal(await client.list('/nobody'), undefined)
  t.same(await client.list('/a'), ['c'])
})

test('XenStoreClient lists a node whose children do not fit into one answer', async (t) => {
  const { client, server } = await setStage(t)
  const names = Array.from({ length: 300 }, (_, index) => `request-${index}-of-a-host-that-asks-a-lot`)
  for (const name of names) server.write(`/many/${name}`, '')
  t.same(await client.list('/many'), names)
})

test('XenStoreClient begins anew when such a list changes meanwhile', async (t) => {
  const { client, server } = await setStage(t)
  const names = Array.from({ length: 300 }, (_, index) => `request-${index}-of-a-host-that-asks-a-lot`)
  for (const name of names) server.write(`/many/${name}`, '')
  server.onQuestion = (count) => {
    if (count === 3) server.write('/many/late', '')
  }
  t.same(await client.list('/many'), [...names, 'late'])
  server.onQuestion = () => server.write('/many/late', 'again')
  const message = `Cannot list a XenStore node: it changed ${xenStoreRetryMax} times meanwhile`
  await t.rejects(client.list('/many'), { code: 'xenstore-contended', message })
})

test('XenStoreClient tells a bad name and a value that is too long without asking', async (t) => {
  const { client, server } = await setStage(t)
  await t.rejects(client.write('/a.b', Buffer.alloc(0)), { code: 'bad-xenstore-path' })
  await t.rejects(client.read('/a/'), { code: 'bad-xenstore-path' })
  await t.rejects(
    client.watch('/a b', () => undefined),
    { code: 'bad-xenstore-path' },
  )
  await t.rejects(client.write('/big', Buffer.alloc(4092)), { code: 'xenstore-too-long' })
  t.equal(server.questionCount, 0)
  await client.write('/big', Buffer.alloc(4091))
  t.equal((await client.read('/big'))?.length, 4091)
})

test('XenStoreClient tells what changed below a watched node, until it is told to stop', async (t) => {
  const { client, server } = await setStage(t)
  const seen: string[] = []
  const stop = await client.watch('/w', (path) => seen.push(path))
  server.write('/w/x', '1')
  server.write('/elsewhere', '1')
  await client.write('/w/y', Buffer.alloc(0))
  await client.remove('/w/x')
  t.same(seen, ['/w', '/w/x', '/w/y', '/w/x'], 'the first at once, the others as they happen')
  await stop()
  await stop()
  await client.write('/w/z', Buffer.alloc(0))
  t.equal(seen.length, 4)
})

test('transaction() does all or nothing, and begins anew when somebody came between', async (t) => {
  const { client, server } = await setStage(t)
  let attempts = 0
  const value = await client.transaction(async (nodes) => {
    attempts += 1
    await nodes.write('/t/a', Buffer.from(String(attempts)))
    if (attempts === 1) server.write('/other', 'x')
    t.equal(await client.read('/t/a'), undefined, 'nobody sees it yet')
    return 'done'
  })
  t.same([value, attempts, String(await client.read('/t/a'))], ['done', 2, '2'])
  await t.rejects(
    client.transaction(async (nodes) => {
      await nodes.write('/t/b', Buffer.alloc(0))
      throw new Error('changed my mind')
    }),
    { message: 'changed my mind' },
  )
  t.equal(await client.read('/t/b'), undefined)
  const contended = client.transaction(async (nodes) => {
    await nodes.write('/t/c', Buffer.alloc(0))
    server.write('/other', 'x')
  })
  await t.rejects(contended, {
    code: 'xenstore-contended',
    message: `Cannot finish a XenStore transaction: somebody else came between ${xenStoreRetryMax} times`,
  })
})

test("XenStoreClient gives the daemon's own error word", async (t) => {
  const { client, server } = await setStage(t)
  server.refusal = 'EACCES'
  const sentence = 'Cannot use "/a" in XenStore: its daemon says EACCES'
  const expected = { name: 'XenStoreError', code: 'xenstore-refused', errno: 'EACCES', message: sentence }
  await t.rejects(client.read('/a'), expected)
  await t.rejects(client.write('/a', Buffer.alloc(0)), expected)
  await t.rejects(
    client.watch('/a', () => undefined),
    expected,
  )
  await t.rejects(
    client.transaction(async () => await Promise.resolve()),
    { code: 'xenstore-refused' },
  )
})

test('XenStoreClient ends what it waits for when the daemon hangs up', async (t) => {
  const { client, server } = await setStage(t)
  server.isSilent = true
  const reading = t.rejects(client.read('/a'), {
    code: 'xenstore-lost',
    message: 'Cannot use XenStore: the connection to its daemon is over',
  })
  await server.asked()
  server.hangUp()
  await reading
  t.equal(await client.ended, undefined)
  await t.rejects(client.read('/a'), { code: 'xenstore-lost' })
})

test('XenStoreClient gives up a daemon that does not answer', async (t) => {
  const clock = new FakeClock()
  const { client, server } = await setStage(t, clock)
  server.isSilent = true
  const sentence = 'Cannot use XenStore: its daemon has not answered for 10 s'
  const reading = t.rejects(client.read('/a'), {
    message: `Cannot use XenStore: the connection to its daemon is over (${sentence})`,
  })
  await server.asked()
  await clock.advance(xenStoreAnswerMs)
  await reading
  t.match(await client.ended, { code: 'xenstore-silent', message: sentence })
  t.equal(clock.timerCount, 0)
})

test('XenStoreClient gives up a daemon that sends a message of no possible length', async (t) => {
  const { client, server } = await setStage(t)
  await client.write('/a', Buffer.alloc(0))
  server.shout(Buffer.alloc(16, 0xff))
  t.match(await client.ended, { code: 'xenstore-too-long' })
  client.close()
})
