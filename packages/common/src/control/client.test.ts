import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'tap'
import { localHello } from '../agent/local-hello.js'
import { systemClock } from '../clock.js'
import { FakeClock } from '../fake-clock.js'
import { heartbeatDeadMs, heartbeatIntervalMs } from '../limits.js'
import { silentLog } from '../log.js'
import { testDaemons } from '../terminal/test-daemons.js'
import { testFolder, writeCommand } from '../test-folder.js'
import { Client } from './client.js'
import { ControlServer } from './server.js'

test('run() brings all that a command gives', async (t) => {
  const { guest, connect } = await testDaemons(t)
  writeCommand({ folder: guest.folder, name: 'use-all', script: 'cat; echo "$*" >&2; exit 3' })
  const client = await connect()
  const outcome = await client.run(
    { target: 'web1', command: 'use-all', args: ['a', 'b c'] },
    { stdin: 'input' },
  )
  t.same(outcome, { kind: 'exited', code: 3, stdout: Buffer.from('input'), stderr: Buffer.from('a b c\n') })
  const byUuid = await client.run({ target: '6d1f', command: 'use-all' })
  t.match(byUuid, { kind: 'exited', code: 3, stdout: Buffer.alloc(0) })
})

test('run() says what else a call may end in', async (t) => {
  const { guest, connect } = await testDaemons(t)
  const client = await connect()
  writeCommand({ folder: guest.folder, name: 'kill-itself', script: 'kill -9 $$' })
  writeCommand({ folder: guest.folder, name: 'wait', script: 'exec sleep 60' })
  const run = async (command: string, timeoutMs?: number): Promise<unknown> =>
    await client.run({ target: 'web1', command }, { timeoutMs })
  t.match(await run('kill-itself'), { kind: 'signalled', signal: 'SIGKILL' })
  t.match(await run('absent'), { kind: 'unknown-command', reason: 'there is no command of this name' })
  t.match(await run('wait', 50), { kind: 'timed-out', reason: /^the command was ended after \d+ ms$/ })
})

test('call() streams both ways while the command runs, and cancels it', async (t) => {
  const { guest, connect } = await testDaemons(t)
  writeCommand({
    folder: guest.folder,
    name: 'echo-lines',
    script: 'while read -r line; do echo "<$line>"; done',
  })
  const call = (await connect()).call({ target: 'web1', command: 'echo-lines' }, { hasStdin: true })
  const answers = call.stdout[Symbol.asyncIterator]()
  for (const line of ['one', 'two']) {
    call.stdin.write(`${line}\n`)
    t.equal(String((await answers.next()).value), `<${line}>\n`)
  }
  call.cancel()
  t.same(await call.result, { kind: 'cancelled', reason: 'the caller left' })
})

test('signal() reaches the command', async (t) => {
  const { guest, connect } = await testDaemons(t)
  writeCommand({
    folder: guest.folder,
    name: 'answer-hup',
    script: 'trap "exit 5" HUP; echo ready; sleep 60 & wait',
  })
  const call = (await connect()).call({ target: 'web1', command: 'answer-hup' })
  call.stdout.once('data', () => call.signal('SIGHUP'))
  t.same(await call.result, { kind: 'exited', code: 5 })
})

test('an AbortSignal cancels a call, also one that fired before', async (t) => {
  const { guest, connect } = await testDaemons(t)
  writeCommand({ folder: guest.folder, name: 'wait', script: 'echo ready; exec sleep 60' })
  const client = await connect()
  const abort = new AbortController()
  const call = client.call({ target: 'web1', command: 'wait' }, { signal: abort.signal })
  call.stdout.once('data', () => abort.abort())
  t.match(await call.result, { kind: 'cancelled' })
  t.match(await client.run({ target: 'web1', command: 'wait' }, { signal: AbortSignal.abort() }), {
    kind: 'cancelled',
  })
})

test('a target that is not there is unreachable, with the name that may have been meant', async (t) => {
  const { connect } = await testDaemons(t)
  const client = await connect()
  const reason = 'there is no "web2" here; did you mean "web1"?'
  t.match(await client.run({ target: 'web2', command: 'hello' }), { kind: 'unreachable', reason })
  await t.rejects(client.commands('web2'), { name: 'SystemError', code: 'unreachable', message: reason })
  await t.rejects(client.ping('web2'), { code: 'unreachable', message: reason })
  t.match(await client.run({ target: 'mail', command: 'hello' }), { reason: 'there is no "mail" here' })
})

test('a target that is not ready is unreachable, with the reason', async (t) => {
  const { unplug, connect } = await testDaemons(t)
  const client = await connect()
  await unplug()
  const reason = /^Cannot call "web1": its channel is not connected;/
  t.match(await client.run({ target: 'web1', command: 'hello' }), { kind: 'unreachable', reason })
  await t.rejects(client.commands('web1'), { code: 'unreachable', message: '"web1" is connecting' })
  await t.rejects(client.ping('web1'), { code: 'unreachable', message: '"web1" is connecting' })
})

test('a request that does not fit is refused before it is sent', async (t) => {
  const { connect } = await testDaemons(t)
  const client = await connect()
  const args = ['x'.repeat(40_000)]
  t.throws(() => client.call({ target: 'web1', command: 'hello', args }), {
    name: 'UsageError',
    code: 'request-too-long',
  })
  t.match(
    await client.run({ target: 'web1', command: 'absent' }),
    { kind: 'unknown-command' },
    'and the next one goes through',
  )
})

test('a call ends as lost when the daemon stops, and so does the connection', async (t) => {
  const { guest, server, connect } = await testDaemons(t)
  writeCommand({ folder: guest.folder, name: 'wait', script: 'echo ready; exec sleep 60' })
  const client = await connect()
  const call = client.call({ target: 'web1', command: 'wait' })
  const ready = new Promise<void>((resolve) => call.stdout.once('data', () => resolve()))
  await ready
  await server.close()
  t.match(await call.result, { kind: 'lost', reason: /^the session ended: / })
  t.throws(() => client.call({ target: 'web1', command: 'wait' }), { code: 'session-ended' })
  await t.rejects(client.peers(), { code: 'session-ended' })
})

test('close() cancels what is under way', async (t) => {
  const { guest, toGuest, connect } = await testDaemons(t)
  writeCommand({ folder: guest.folder, name: 'wait', script: 'echo ready; exec sleep 60' })
  const client = await connect()
  const idleCount = toGuest.callCount
  const call = client.call({ target: 'web1', command: 'wait' })
  await new Promise<void>((resolve) => call.stdout.once('data', () => resolve()))
  t.equal(toGuest.callCount, idleCount + 1)
  client.close()
  t.match(await call.result, { kind: 'lost' })
  while (toGuest.callCount > idleCount) await new Promise<void>((resolve) => setImmediate(resolve))
  t.pass('the command in the guest has ended')
})

test('connect() says that the daemon does not run', async (t) => {
  const path = join(testFolder(t), 'host.sock')
  const message = `Cannot reach the daemon on "${path}": it does not exist; is it running?`
  const hello = await localHello('program')
  await t.rejects(Client.connect({ path, hello }), {
    name: 'SystemError',
    code: 'daemon-unreachable',
    message,
  })
  const long = join(path, 'x'.repeat(100))
  await t.rejects(Client.connect({ path: long, hello }), { code: 'socket-path-too-long' })
})

test('connect() says that whoever listens closes the connection', async (t) => {
  const path = join(testFolder(t), 'host.sock')
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve) => server.listen(path, resolve))
  t.teardown(() => server.close())
  const wanted = { code: 'daemon-unreachable', message: /it closed the connection; its log says why$/ }
  await t.rejects(Client.connect({ path, hello: await localHello('program') }), wanted)
})

test('connect() does not wait for ever for a daemon that does not answer', async (t) => {
  const path = join(testFolder(t), 'host.sock')
  const clock = new FakeClock()
  const server = createServer((socket) => void socket.on('error', () => undefined).resume())
  await new Promise<void>((resolve) => server.listen(path, resolve))
  t.teardown(() => server.close())
  const isConnected = new Promise<void>((resolve) => server.once('connection', () => resolve()))
  const connecting = Client.connect({ path, hello: await localHello('program'), clock })
  const rejected = t.rejects(connecting, {
    code: 'daemon-unreachable',
    message: /it does not answer; is it stopped\?$/,
  })
  await isConnected
  while (clock.timerCount === 0) await new Promise<void>((resolve) => setImmediate(resolve))
  await clock.advance(heartbeatDeadMs)
  await rejected
})

test('connect() tells a daemon of another age, which must be restarted', async (t) => {
  const path = join(testFolder(t), 'host.sock')
  const server = await ControlServer.listen({
    path,
    hello: { ...(await localHello('host')), versions: { min: 7, max: 7 }, agent: '9.9.9' },
    clock: systemClock,
    log: silentLog,
    heartbeat: { intervalMs: heartbeatIntervalMs, deadMs: heartbeatDeadMs },
    answer: () => undefined,
  })
  t.teardown(async () => await server.close())
  const message = 'Cannot talk to the daemon: it is version 9.9.9 and speaks another protocol; restart it'
  const connecting = Client.connect({ path, hello: await localHello('program') })
  await t.rejects(connecting, { name: 'UsageError', code: 'refused', message })
})
