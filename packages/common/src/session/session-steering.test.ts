import { test } from 'tap'
import { settle } from '../fake-clock.js'
import { deadlineGraceMs } from '../limits.js'
import type { RunRequest } from '../wire/request.js'
import type { ServingStream, StopCause } from './serving-stream.js'
import { readLane, sessionPair } from './session-pair.js'

const run: RunRequest = { ask: 'run', command: 'sleep', args: [], hasStdin: true }

/** What a command was told, as it came. */
function listenTo(call: ServingStream): string[] {
  const told: string[] = []
  call.listen({ stop: (cause: StopCause) => told.push(cause), signal: (name) => told.push(name) })
  return told
}

test('signal() reaches the command', async (t) => {
  const pair = await sessionPair()
  const call = pair.caller.session.open(run)
  await settle()
  const told = listenTo(pair.server.call)
  call.signal('SIGUSR1')
  call.signal('SIGTERM')
  await settle()
  t.same(told, ['SIGUSR1', 'SIGTERM'])
  pair.server.call.finish({ kind: 'signalled', signal: 'SIGTERM' })
  t.same(await call.result, { kind: 'signalled', signal: 'SIGTERM' })
  await pair.close()
})

test('signal() for a call that is over does nothing', async (t) => {
  const pair = await sessionPair()
  const call = pair.caller.session.open(run)
  await settle()
  const told = listenTo(pair.server.call)
  pair.server.call.finish({ kind: 'exited', code: 0 })
  call.signal('SIGINT')
  await call.result
  call.signal('SIGTERM')
  await settle()
  t.same(told, [])
  t.equal(pair.caller.session.ended, undefined)
  await pair.close()
})

test('cancel() stops the command, whose result still comes', async (t) => {
  const pair = await sessionPair()
  const call = pair.caller.session.open(run)
  await settle()
  const told = listenTo(pair.server.call)
  call.cancel()
  call.cancel()
  call.signal('SIGTERM')
  await settle()
  t.same(told, ['cancelled'])
  t.ok(pair.server.call.isStopped)
  pair.server.call.stdout.write(Buffer.from('nobody reads this'))
  pair.server.call.finish({ kind: 'cancelled', reason: 'its caller left' })
  t.same(await call.result, { kind: 'cancelled', reason: 'its caller left' })
  t.same(readLane(call.stdout), { text: '', isEnded: true })
  await pair.close()
})

test('cancel() is told to a command that listens later', async (t) => {
  const pair = await sessionPair()
  const call = pair.caller.session.open(run)
  await settle()
  call.cancel()
  await settle()
  t.same(listenTo(pair.server.call), ['cancelled'])
  await pair.close()
})

test('cancel() lets a result come at once that waited for its output to be read', async (t) => {
  const pair = await sessionPair()
  const call = pair.caller.session.open(run)
  await settle()
  const told = listenTo(pair.server.call)
  pair.server.call.stdout.write(Buffer.alloc(1_000_000))
  pair.server.call.finish({ kind: 'exited', code: 3 })
  call.cancel()
  t.same(await call.result, { kind: 'exited', code: 3 })
  t.same(told, [], 'the command had ended by itself')
  await pair.close()
})

test('cancel() drops input that waits, and lets a paused producer go on', async (t) => {
  const pair = await sessionPair()
  const call = pair.caller.session.open(run)
  await settle()
  let isDrained = false
  call.stdin.onDrained = () => (isDrained = true)
  t.equal(call.stdin.write(Buffer.alloc(1_000_000)), false)
  call.cancel()
  t.ok(isDrained)
  t.ok(call.stdin.isEnded)
  await pair.close()
})

test('cancel() before the request has left: it never does', async (t) => {
  const pair = await sessionPair()
  await pair.clock.advance(1_000)
  const call = pair.caller.session.open(run)
  call.signal('SIGTERM')
  call.cancel()
  t.same(await call.result, { kind: 'cancelled', reason: 'the caller left before the call was sent' })
  await settle()
  t.equal(pair.server.calls.length, 0)
  t.equal(pair.caller.session.callCount, 0)
  await pair.close()
})

test('a deadline is told to the side that runs the command', async (t) => {
  const pair = await sessionPair()
  const call = pair.caller.session.open({ ...run, timeoutMs: 500 })
  await settle()
  t.match(pair.server.call.request, { timeoutMs: 500 })
  pair.server.call.finish({ kind: 'timed-out', reason: 'its time was over' })
  t.same(await call.result, { kind: 'timed-out', reason: 'its time was over' })
  await pair.close()
})

test('a deadline is enforced by the caller, a grace later, if the other side does not', async (t) => {
  const pair = await sessionPair()
  const call = pair.caller.session.open({ ...run, timeoutMs: 500 })
  let isOver = false
  void call.result.then(() => (isOver = true))
  await settle()
  const told = listenTo(pair.server.call)
  await pair.clock.advance(500 + deadlineGraceMs - 1)
  t.notOk(isOver)
  await pair.clock.advance(1)
  t.same(await call.result, {
    kind: 'timed-out',
    reason: "the call's time was over and the other side did not answer",
  })
  await settle()
  t.same(told, ['cancelled'])
  pair.server.call.stdout.write(Buffer.from('late'))
  pair.server.call.finish({ kind: 'exited', code: 0 })
  await settle()
  t.equal(pair.caller.session.ended, undefined, 'what comes late breaks nothing')
  await pair.close()
})

test('a deadline counts the time before the request could be sent', async (t) => {
  const pair = await sessionPair()
  await pair.clock.advance(1_000)
  pair.caller.channel.inner.hold()
  const call = pair.caller.session.open({ ...run, timeoutMs: 500 })
  await pair.clock.advance(200.5)
  pair.caller.channel.inner.release()
  await settle()
  t.match(pair.server.call.request, { timeoutMs: 300 }, 'in whole milliseconds')
  call.cancel()
  await pair.close()
})

test('a request whose time is over before it could be sent never leaves', async (t) => {
  const pair = await sessionPair()
  await pair.clock.advance(1_000)
  pair.caller.channel.inner.hold()
  const call = pair.caller.session.open({ ...run, timeoutMs: 500 })
  await pair.clock.advance(500)
  pair.caller.channel.inner.release()
  t.same(await call.result, { kind: 'timed-out', reason: "the call's time was over before it could be sent" })
  await settle()
  t.equal(pair.server.calls.length, 0)
  await pair.close()
})
