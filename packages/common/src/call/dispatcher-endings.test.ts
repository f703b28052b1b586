import { test } from 'tap'
import { settle } from '../fake-clock.js'
import { stopGraceMs } from '../limits.js'
import { lifeline } from '../process/test-processes.js'
import { readLane } from '../session/session-pair.js'
import { writeCommand } from '../test-folder.js'
import { servedPair, untilRead } from './test-calls.js'

/** Opens the pipe that it is given, starts a child that keeps it open, and waits. */
const waitWithChild = 'exec 3>"$1"; sleep 60 & echo ready; wait'

test('a call whose time is over ends as timed-out, and its processes with it', async (t) => {
  const { path, gone } = lifeline(t)
  const { pair, folder, run } = await servedPair(t)
  writeCommand({ folder, name: 'wait', script: waitWithChild })
  const { stream, stdout } = run({ command: 'wait', args: [path], timeoutMs: 3000 })
  await untilRead(stdout, 'ready')
  await pair.clock.advance(2999)
  t.equal(pair.server.session.callCount, 1)
  await pair.clock.advance(1)
  t.same(await stream.result, { kind: 'timed-out', reason: 'the command was ended after 3 s' })
  await gone
})

test('a call whose time is over ends also when its command ignores that', async (t) => {
  const { path, gone } = lifeline(t)
  const { pair, folder, run } = await servedPair(t)
  writeCommand({ folder, name: 'ignore-all', script: `trap "" TERM HUP INT; ${waitWithChild}` })
  const { stream, stdout } = run({ command: 'ignore-all', args: [path], timeoutMs: 1000 })
  await untilRead(stdout, 'ready')
  await pair.clock.advance(1000 + stopGraceMs)
  t.match(await stream.result, { kind: 'timed-out' })
  await gone
})

test('a call that ends in time is not touched by its deadline', async (t) => {
  const { pair, folder, run } = await servedPair(t)
  writeCommand({ folder, name: 'hello', script: 'echo hello' })
  const { stream } = run({ command: 'hello', timeoutMs: 1000 })
  t.same(await stream.result, { kind: 'exited', code: 0 })
  await pair.clock.advance(2000)
  t.equal(pair.caller.counters.protocolErrors, 0)
})

test('a call that is cancelled ends its processes, and says so', async (t) => {
  const { path, gone } = lifeline(t)
  const { folder, run, pair } = await servedPair(t)
  writeCommand({ folder, name: 'wait', script: waitWithChild })
  const { stream, stdout } = run({ command: 'wait', args: [path] })
  await untilRead(stdout, 'ready')
  stream.cancel()
  stream.cancel()
  t.same(await stream.result, { kind: 'cancelled', reason: 'the caller left' })
  await gone
  t.equal(pair.server.session.callCount, 0)
})

test('a call that is cancelled at once never starts its command', async (t) => {
  const { folder, run } = await servedPair(t)
  writeCommand({ folder, name: 'hello', script: 'echo hello' })
  const kill = t.capture(process, 'kill', () => true)
  const { stream } = run({ command: 'hello' })
  // The request leaves at the end of this turn.
  await Promise.resolve()
  stream.cancel()
  t.same(await stream.result, { kind: 'cancelled', reason: 'the caller left' })
  t.same(kill(), [], 'there is no process to end')
})

test('a call whose session ends is lost to its caller, and its processes end', async (t) => {
  const { path, gone } = lifeline(t)
  const { pair, folder, run } = await servedPair(t)
  writeCommand({ folder, name: 'wait', script: waitWithChild })
  const { stream, stdout } = run({ command: 'wait', args: [path] })
  await untilRead(stdout, 'ready')
  pair.caller.channel.close()
  t.match(await stream.result, { kind: 'lost', reason: /^the session ended: / })
  await gone
})

test('a dispatcher that closes ends the calls that run, and has them on record', async (t) => {
  const { path, gone } = lifeline(t)
  const { folder, run, dispatcher, audit } = await servedPair(t)
  writeCommand({ folder, name: 'wait', script: waitWithChild })
  const { stdout } = run({ command: 'wait', args: [path] })
  await untilRead(stdout, 'ready')
  await dispatcher.close()
  await gone
  t.match(audit.records, [{ command: 'wait', result: { kind: 'lost' } }])
})

test('a signal reaches the command and all of its group', async (t) => {
  const { folder, run } = await servedPair(t)
  const script = 'trap "echo got HUP; exit 5" HUP; echo ready; while :; do sleep 60 & wait; done'
  writeCommand({ folder, name: 'answer-hup', script })
  const { stream, stdout } = run({ command: 'answer-hup' })
  await untilRead(stdout, 'ready')
  stream.signal('SIGHUP')
  t.same(await stream.result, { kind: 'exited', code: 5 })
  t.match(stdout.text, 'got HUP')
})

test('a signal that ends the command is its result', async (t) => {
  const { folder, run } = await servedPair(t)
  writeCommand({ folder, name: 'wait', script: 'echo ready; exec sleep 60' })
  const { stream, stdout } = run({ command: 'wait' })
  await untilRead(stdout, 'ready')
  stream.signal('SIGKILL')
  t.same(await stream.result, { kind: 'signalled', signal: 'SIGKILL' })
})

test('the first cause of an ending is kept', async (t) => {
  const { pair, folder, run } = await servedPair(t)
  writeCommand({
    folder,
    name: 'ignore-sigterm',
    script: 'trap "" TERM; echo ready; while :; do sleep 60 & wait; done',
  })
  const { stream, stdout } = run({ command: 'ignore-sigterm', timeoutMs: 1000 })
  await untilRead(stdout, 'ready')
  await pair.clock.advance(1000)
  stream.cancel()
  await settle()
  await pair.clock.advance(stopGraceMs)
  t.match(await stream.result, { kind: 'timed-out' })
  t.equal(pair.caller.counters.protocolErrors + pair.server.counters.protocolErrors, 0)
})

test('the output that was written before a deadline arrives', async (t) => {
  const { pair, folder, run } = await servedPair(t)
  writeCommand({
    folder,
    name: 'print-and-wait',
    script: 'trap "echo last words; exit 0" TERM; echo ready; sleep 60 & wait',
  })
  const { stream, stdout } = run({ command: 'print-and-wait', timeoutMs: 1000 })
  await untilRead(stdout, 'ready')
  await pair.clock.advance(1000)
  t.match(await stream.result, { kind: 'timed-out' })
  t.equal(stdout.text, 'ready\nlast words\n')
})

test('a caller that does not read holds up nobody else', async (t) => {
  const { pair, folder, run } = await servedPair(t)
  writeCommand({ folder, name: 'print-much', script: 'head -c 4194304 /dev/zero' })
  writeCommand({ folder, name: 'hello', script: 'echo hello' })
  const stalled = pair.caller.session.open({ ask: 'run', command: 'print-much', args: [], hasStdin: false })
  for (let call = 0; call < 10; call += 1) {
    t.match(await run({ command: 'hello' }).stream.result, { kind: 'exited' })
  }
  const [stdout] = [readLane(stalled.stdout), readLane(stalled.stderr)]
  t.match(await stalled.result, { kind: 'exited' })
  t.equal(stdout.text.length, 4194304)
})
