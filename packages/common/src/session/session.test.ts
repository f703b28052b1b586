import { test } from 'tap'
import { settle } from '../fake-clock.js'
import { streamCountMax } from '../limits.js'
import type { RunRequest } from '../wire/request.js'
import type { ServingStream } from './serving-stream.js'
import { readLane, sessionPair, until } from './session-pair.js'

const run: RunRequest = { ask: 'run', command: 'hello', args: ['a b', '☕'], hasStdin: true }

/** Says its input back on both outputs, then exits. */
function echo(call: ServingStream): void {
  call.stdin.receive({
    bytes: (chunk) => {
      call.stdout.write(chunk)
      call.stderr.write(Buffer.from(chunk.toString().toUpperCase()))
      call.stdin.consumed(chunk.length)
    },
    end: () => call.finish({ kind: 'exited', code: 7 }),
  })
}

test('open() carries a call: request, input, both outputs and its result', async (t) => {
  const pair = await sessionPair()
  const { caller, server } = pair
  server.onCall = echo
  const call = caller.session.open(run)
  const [stdout, stderr] = [readLane(call.stdout), readLane(call.stderr)]
  call.stdin.write(Buffer.from('one '))
  call.stdin.write(Buffer.from('two'))
  call.stdin.end()
  t.same(await call.result, { kind: 'exited', code: 7 })
  t.match(server.requests, [run])
  t.same(stdout, { text: 'one two', isEnded: true })
  t.same(stderr, { text: 'ONE TWO', isEnded: true })
  t.same([caller.session.callCount, server.session.callCount], [0, 0])
  t.same([caller.counters.calls, server.counters.calls], [1, 1])
  await pair.close()
})

test('open() carries a call whose bytes the channel cuts anywhere', async (t) => {
  const pair = await sessionPair({ chunkBytesMax: 1 })
  pair.server.onCall = echo
  const call = pair.caller.session.open(run)
  const stdout = readLane(call.stdout)
  call.stdin.write(Buffer.from('hello'))
  call.stdin.end()
  t.same(await call.result, { kind: 'exited', code: 7 })
  t.equal(stdout.text, 'hello')
  await pair.close()
})

test('finish() lets the result arrive after all output', async (t) => {
  const pair = await sessionPair()
  const { caller, server } = pair
  const call = caller.session.open(run)
  await settle()
  const output = 'x'.repeat(1_000_000)
  server.call.stdout.write(Buffer.from(output))
  server.call.stderr.write(Buffer.from('last'))
  server.call.finish({ kind: 'exited', code: 0 })
  server.call.finish({ kind: 'exited', code: 99 })
  let resultOf = ''
  void call.result.then(({ kind }) => (resultOf = kind))
  await settle()
  t.equal(resultOf, '', 'not while output waits for its reader')
  const [stdout, stderr] = [readLane(call.stdout), readLane(call.stderr)]
  t.same(await call.result, { kind: 'exited', code: 0 })
  t.equal(stdout.text.length, output.length)
  t.same([stdout.isEnded, stderr], [true, { text: 'last', isEnded: true }])
  await pair.close()
})

test('result of a call may be awaited before its output is read', async (t) => {
  const pair = await sessionPair()
  const call = pair.caller.session.open(run)
  await settle()
  pair.server.call.stdout.write(Buffer.from('short'))
  pair.server.call.finish({ kind: 'exited', code: 0 })
  await call.result
  t.same(readLane(call.stdout), { text: 'short', isEnded: true })
  await pair.close()
})

test('a call with a result holds its arguments no longer, though nobody reads the result', async (t) => {
  const pair = await sessionPair()
  pair.server.onCall = (call) => call.finish({ kind: 'exited', code: 0 })
  pair.caller.session.open({ ask: 'run', command: 'x', args: ['a'.repeat(10_000)], hasStdin: false })
  await settle()
  t.match(pair.server.requests, [{ args: [/^a{10000}$/] }])
  t.same(pair.server.call.request, { ask: 'run', command: 'x', args: [], hasStdin: false })
  await pair.close()
})

test('open() carries 300 calls at once, each with its own bytes', async (t) => {
  const pair = await sessionPair()
  pair.server.onCall = echo
  const calls = Array.from({ length: 300 }, (_, index) => {
    const call = pair.caller.session.open({ ...run, args: [String(index)] })
    call.stdin.write(Buffer.from(`call ${index} `.repeat(index)))
    call.stdin.end()
    return { result: call.result, stdout: readLane(call.stdout), stderr: readLane(call.stderr) }
  })
  t.equal(pair.caller.session.callCount, 300)
  for (const [index, { result, stdout, stderr }] of calls.entries()) {
    const code = (await result).kind
    const text = `call ${index} `.repeat(index)
    if (code !== 'exited' || stdout.text !== text || stderr.text !== text.toUpperCase())
      t.fail(`call ${index}`)
  }
  t.same(
    pair.server.requests.map((request) => ('args' in request ? request.args[0] : '')),
    calls.map((_, index) => String(index)),
  )
  t.equal(pair.caller.session.callCount, 0)
  await pair.close()
})

test('open() sends many long requests in one turn', async (t) => {
  const pair = await sessionPair()
  pair.server.onCall = (call) => call.finish({ kind: 'exited', code: 0 })
  const long = 'x'.repeat(30_000)
  const results = Array.from(
    { length: 100 },
    async () => await pair.caller.session.open({ ...run, args: [long] }).result,
  )
  t.same(new Set((await Promise.all(results)).map(({ kind }) => kind)), new Set(['exited']))
  await pair.close()
})

test('open() refuses what cannot be sent, and the session goes on', async (t) => {
  const pair = await sessionPair()
  pair.server.onCall = echo
  const { session } = pair.caller
  t.throws(() => session.open({ ...run, args: ['x'.repeat(40_000)] }), {
    name: 'UsageError',
    code: 'request-too-long',
  })
  t.equal(session.callCount, 0)
  const call = session.open(run)
  call.stdin.end()
  t.same(await call.result, { kind: 'exited', code: 7 })
  t.equal(call.id, 1, 'no number was used up')
  await pair.close()
})

test('open() refuses one call more than may be under way', async (t) => {
  const pair = await sessionPair()
  const { session } = pair.caller
  for (let count = 0; count < streamCountMax; count += 1) session.open(run)
  t.throws(() => session.open(run), {
    name: 'UsageError',
    code: 'too-many-calls',
    message: `Cannot start the call: ${streamCountMax} are under way already`,
  })
  await until(() => pair.server.calls.length === streamCountMax)
  pair.server.call.finish({ kind: 'exited', code: 0 })
  await until(() => session.callCount < streamCountMax)
  session.open(run)
  await pair.close()
})

test('open() refuses a call in a session that is over', async (t) => {
  const pair = await sessionPair()
  const { session } = pair.caller
  session.close()
  t.equal(session.ended, 'closing')
  t.throws(() => session.open(run), {
    name: 'UsageError',
    code: 'session-ended',
    message: 'Cannot start the call: the session is over',
  })
  await pair.close()
})

test('ping() measures a round trip', async (t) => {
  const pair = await sessionPair()
  const { clock, caller } = pair
  caller.channel.inner.hold()
  const pinging = caller.session.ping()
  await clock.advance(40)
  caller.channel.inner.release()
  t.equal(await pinging, 40)
  const [first, second] = [caller.session.ping(), pair.server.session.ping()]
  t.same(await Promise.all([first, second]), [0, 0])
  await pair.close()
})

test('ping() ends with its session', async (t) => {
  const pair = await sessionPair()
  pair.caller.channel.inner.hold()
  const { session } = pair.caller
  const pinging = session.ping()
  session.close()
  t.equal(await pinging, undefined)
  t.equal(await session.ping(), undefined, 'nor does it begin afterwards')
  await pair.close()
})
