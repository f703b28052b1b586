import { createHash, randomBytes } from 'node:crypto'
import { test } from 'tap'
import { testDaemons } from '../terminal/test-daemons.js'
import { writeCommand } from '../test-folder.js'

test('200 calls at once each bring their own output and exit status', async (t) => {
  const { guest, connect } = await testDaemons(t)
  writeCommand({ folder: guest.folder, name: 'echo-and-exit', script: 'cat; exit "$1"' })
  const client = await connect()
  const outcomes = await Promise.all(
    Array.from({ length: 200 }, async (_, number) => {
      const run = { target: 'web1', command: 'echo-and-exit', args: [String(number)] }
      return await client.run(run, { stdin: `input ${number}` })
    }),
  )
  for (const [number, { stdout, stderr, ...result }] of outcomes.entries()) {
    t.same(result, { kind: 'exited', code: number })
    t.equal(stdout.toString(), `input ${number}`)
    t.equal(stderr.length, 0)
  }
})

test('32 MiB go through the daemons and a command, and come back whole', async (t) => {
  const { guest, connect } = await testDaemons(t)
  writeCommand({ folder: guest.folder, name: 'echo-all', script: 'exec cat' })
  const client = await connect()
  const sent = randomBytes(32 * 1024 * 1024)
  const { stdout, ...result } = await client.run({ target: 'web1', command: 'echo-all' }, { stdin: sent })
  t.match(result, { kind: 'exited', code: 0 })
  t.equal(stdout.length, sent.length)
  t.equal(createHash('sha256').update(stdout).digest('hex'), createHash('sha256').update(sent).digest('hex'))
})

test('small calls go past a bulk stream that nobody reads', async (t) => {
  const { guest, connect } = await testDaemons(t)
  writeCommand({ folder: guest.folder, name: 'print-for-ever', script: 'exec cat /dev/zero' })
  writeCommand({ folder: guest.folder, name: 'hello', script: 'echo hello' })
  const client = await connect()
  const bulk = client.call({ target: 'web1', command: 'print-for-ever' })
  await new Promise<void>((resolve) => bulk.stdout.once('readable', resolve))
  for (let call = 0; call < 20; call += 1) {
    t.match(await client.run({ target: 'web1', command: 'hello' }), { kind: 'exited', code: 0 })
  }
  t.ok(bulk.stdout.readableLength < 1024 * 1024, 'little of it is held here')
  bulk.cancel()
  t.match(await bulk.result, { kind: 'cancelled' })
})

test('several programs share the daemon', async (t) => {
  const { guest, connect } = await testDaemons(t)
  writeCommand({ folder: guest.folder, name: 'hello', script: 'echo hello' })
  const clients = await Promise.all(Array.from({ length: 10 }, connect))
  const outcomes = await Promise.all(
    clients.map(async (client) => await client.run({ target: 'web1', command: 'hello' })),
  )
  for (const { kind, stdout } of outcomes) t.same([kind, stdout.toString()], ['exited', 'hello\n'])
})
