import { test } from 'tap'
import type { OutgoingCall } from '../call/call.js'
import { OldPeer } from '../dialects/classic/old-peer.js'
import type { OldAnswers } from '../dialects/classic/old-peer.js'
import { FakeClock, settle } from '../fake-clock.js'
import { heartbeatDeadMs, openRetryMaxMs } from '../limits.js'
import { classicOutputBytesMax, classicProbeMs, classicQueueMax } from '../dialects/dialect-limits.js'
import { readLane } from '../session/session-pair.js'
import type { Teardown } from '../test-folder.js'
import type { Result } from '../wire/result.js'
import type { Link } from './link.js'
import { channelCable, plugIn, testLink } from './test-links.js'
import type { ChannelCable } from './test-links.js'

interface Stage {
  readonly clock: FakeClock
  readonly cable: ChannelCable
  readonly host: Link
  readonly old: OldPeer
  readonly unplug: () => Promise<void>
}

/** A host of ours and a guest with a python-negotiator. */
async function setStage(t: Teardown, answers: OldAnswers): Promise<Stage> {
  const clock = new FakeClock()
  const cable = channelCable()
  const host = testLink({ name: 'web1', clock })
  const old = new OldPeer(cable.hostToGuest.right).serve(withList(answers))
  const unplug = plugIn(host, { cable, end: 'host' })
  t.teardown(unplug)
  await settle()
  return { clock, cable, host, old, unplug }
}

function withList(answers: OldAnswers): OldAnswers {
  return (request) =>
    request.method === 'list_commands' ? { success: true, result: ['b', 'a', '../x', 7] } : answers(request)
}

interface Ended {
  readonly result: Result
  readonly output: string
}

function run(host: Link, args: readonly string[], more: { timeoutMs?: number } = {}): OutgoingCall {
  const [command = '', ...rest] = args
  return host.open({ ask: 'run', command, args: rest, hasStdin: false, ...more })
}

async function endOf(call: OutgoingCall): Promise<Ended> {
  const output = readLane(call.stdout)
  const errors = readLane(call.stderr)
  const result = await call.result
  if (errors.text !== '' || !errors.isEnded || !output.isEnded)
    throw new Error('the lanes are not as they should be')
  return { result, output: Buffer.from(output.text, 'latin1').toString() }
}

const echo: OldAnswers = ({ args }) => ({ success: true, result: args.join(' ') })

test('a python-negotiator is recognised by its first answer, and survives our opening', async (t) => {
  const { clock, host, old } = await setStage(t, echo)
  t.equal(host.state, 'classic')
  await settle()
  t.same(
    host.commands?.map(({ name }) => name),
    ['a', 'b'],
    'names that no command can have are left out',
  )
  t.same(await endOf(run(host, ['hello', 'wor ld'])), {
    result: { kind: 'exited', code: 0 },
    output: 'hello wor ld',
  })
  t.same(old.requests.at(-1), {
    method: 'execute',
    args: ['hello', 'wor ld'],
    kw: { capture: true, input: null },
  })
  t.equal(await host.ping(), 0)
  t.match(host.facts.roundTrip, { p50Ms: 0, count: 1 })
  t.ok(host.facts.callTotal === 1 && host.counters.caller.bytesSent > 0, 'it is counted as others are')
  await clock.advance(3 * classicProbeMs)
  t.equal(host.state, 'classic')
  t.equal(old.diedOf, undefined)
  const openings = old.requests.filter(({ method }) => method === 'negotiator-open')
  t.equal(openings.length, 4, 'it is asked rarely whether it was upgraded, for its log has a line each time')
})

test('a python-negotiator that starts later, or again, is found', async (t) => {
  const clock = new FakeClock()
  const cable = channelCable()
  const host = testLink({ name: 'web1', clock })
  t.teardown(plugIn(host, { cable, end: 'host' }))
  await clock.advance(60_000)
  t.equal(host.state, 'silent')
  const old = new OldPeer(cable.hostToGuest.right).serve(withList(echo))
  await clock.advance(openRetryMaxMs)
  t.equal(host.state, 'classic')
  t.same((await endOf(run(host, ['a']))).output, 'a')
  cable.hostToGuest.right.hold()
  const late = run(host, ['never'])
  await clock.advance(3 * heartbeatDeadMs)
  t.match(await late.result, { kind: 'unreachable', reason: 'it does not answer' })
  t.equal(host.state, 'silent')
  t.throws(() => run(host, ['a']), { code: 'not-ready' })
  old.restart()
  cable.hostToGuest.right.release()
  await clock.advance(openRetryMaxMs)
  t.equal(host.state, 'classic')
  t.same((await endOf(run(host, ['b']))).output, 'b')
  t.notOk(
    old.requests.some(({ args }) => args[0] === 'never'),
    'what was given up before it was sent never runs',
  )
})

test('what the answer tells becomes the result', async (t) => {
  const answers: Record<string, object> = {
    three: { success: false, error: 'External command failed with exit code 3!\n\nCommand:\n/usr/lib/x' },
    killed: { success: false, error: 'External command failed with exit code -9! (command: x)' },
    missing: { success: false, error: "External command isn't available!\n\nCommand:\nx" },
    broken: { success: false, error: 'global name x is not defined' },
    nothing: { success: true, result: null },
    odd: { success: true, result: ['no', 'text'] },
    worse: { answer: 42 },
    text: { success: true, result: 'Grüße, 世界 \u{1f600}' },
  }
  const { host } = await setStage(t, ({ args }) => answers[String(args[0])])
  const outcomes = []
  for (const name of Object.keys(answers)) outcomes.push(await endOf(run(host, [name])))
  t.same(outcomes, [
    { result: { kind: 'exited', code: 3 }, output: '' },
    { result: { kind: 'signalled', signal: 'SIGKILL' }, output: '' },
    {
      result: {
        kind: 'unknown-command',
        reason:
          'there is no command of this name, or it ended with 127, which python-negotiator does not tell apart',
      },
      output: '',
    },
    { result: { kind: 'failed-to-start', reason: 'global name x is not defined' }, output: '' },
    { result: { kind: 'exited', code: 0 }, output: '' },
    { result: { kind: 'lost', reason: 'the answer of the other side cannot be understood' }, output: '' },
    { result: { kind: 'lost', reason: 'the answer of the other side cannot be understood' }, output: '' },
    { result: { kind: 'exited', code: 0 }, output: 'Grüße, 世界 \u{1f600}' },
  ])
})

test('calls wait their turn, and each gets its own answer', async (t) => {
  const waiting: unknown[] = []
  const { host, old } = await setStage(t, ({ args }) => void waiting.push(args[0]))
  const calls = ['one', 'two', 'three'].map((name) => endOf(run(host, [name])))
  for (const name of ['one', 'two', 'three']) {
    await settle()
    t.same(waiting, [name])
    waiting.length = 0
    old.send({ success: true, result: `answer to ${name}` })
  }
  t.same(
    (await Promise.all(calls)).map(({ output }) => output),
    ['answer to one', 'answer to two', 'answer to three'],
  )
  const first = run(host, ['first'])
  const rest = Array.from({ length: classicQueueMax }, () => run(host, ['next']))
  t.throws(() => run(host, ['last']), {
    code: 'too-many-calls',
    message: 'Cannot call "web1": 256 calls wait for it already, and python-negotiator takes one at a time',
  })
  for (const call of [first, ...rest]) call.cancel()
  await settle()
})

test('a late answer is never taken for that to the next call', async (t) => {
  const { clock, host, old } = await setStage(t, ({ args }) =>
    args[0] === 'slow' ? undefined : { success: true, result: `answer to ${String(args[0])}` },
  )
  const slow = run(host, ['slow'], { timeoutMs: 10_000 })
  await clock.advance(10_000)
  t.match(await slow.result, {
    kind: 'timed-out',
    reason: "the call's time was over; the command goes on, for python-negotiator cannot end it",
  })
  const cable = host.counters.caller.bytesReceived
  // The old daemon is single-threaded: it answers what it is asked meanwhile after what it is doing.
  const next = endOf(run(host, ['next']))
  old.send({ success: true, result: 'answer to slow' })
  t.same(await next, { result: { kind: 'exited', code: 0 }, output: 'answer to next' })
  t.ok(host.counters.caller.bytesReceived > cable)
})

test('a late answer is passed over also when the next call waited for it', async (t) => {
  const { clock, cable, host, old } = await setStage(t, ({ args }) =>
    args[0] === 'slow' ? undefined : { success: true, result: `answer to ${String(args[0])}` },
  )
  const slow = run(host, ['slow'])
  await settle()
  slow.cancel()
  t.match(await slow.result, { kind: 'cancelled' })
  cable.hostToGuest.right.hold()
  const next = endOf(run(host, ['next']))
  await clock.advance(10 * heartbeatDeadMs)
  t.equal(host.state, 'classic', 'it may be busy for as long as it likes')
  old.send({ success: true, result: 'answer to slow' })
  await settle()
  cable.hostToGuest.right.release()
  t.same(await next, { result: { kind: 'exited', code: 0 }, output: 'answer to next' })
  t.same((await endOf(run(host, ['more']))).output, 'answer to more')
})

test('a call is lost when its peer is restarted, and the next one goes on', async (t) => {
  const { clock, host } = await setStage(t, ({ args }) =>
    args[0] === 'slow' ? undefined : echo({ args } as never),
  )
  const slow = run(host, ['slow'])
  await clock.advance(heartbeatDeadMs)
  t.same(await slow.result, { kind: 'lost', reason: 'the other side was restarted' })
  t.same((await endOf(run(host, ['next']))).output, 'next')
})

test('while a command runs its peer is asked ever more rarely, and a restart is found soon', async (t) => {
  const { clock, cable, host, old } = await setStage(t, () => undefined)
  const slow = run(host, ['slow'])
  await settle()
  // What it had not read when it died is gone; the next question comes when the call has taken as long again.
  old.diedOf = 'SIGKILL'
  await clock.advance(2 * heartbeatDeadMs)
  old.restart()
  await clock.advance(2 * heartbeatDeadMs)
  t.match(await slow.result, { kind: 'lost' })
  const before = old.requests.length
  const long = run(host, ['long'])
  await settle()
  cable.hostToGuest.right.hold()
  await clock.advance(3_600_000)
  old.send({ success: true, result: 'at last' })
  t.match(await endOf(long), { output: 'at last' })
  cable.hostToGuest.right.release()
  await settle()
  t.ok(old.requests.length - before < 25, `${old.requests.length - before} questions in an hour`)
})

test('a call that is given up before its turn runs nothing', async (t) => {
  const { host, old } = await setStage(t, () => undefined)
  const first = run(host, ['first'])
  const second = run(host, ['second'])
  await settle()
  second.cancel()
  t.same(await second.result, { kind: 'cancelled', reason: 'the caller left; nothing was run' })
  old.send({ success: true, result: '' })
  t.same(await first.result, { kind: 'exited', code: 0 })
  await settle()
  t.notOk(old.requests.some(({ args }) => args[0] === 'second'))
})

test('input is sent as text, and what is no text is refused', async (t) => {
  const { host, old } = await setStage(t, ({ kw }) => ({
    success: true,
    result: `got ${String(kw['input'])}`,
  }))
  const withInput = (chunks: readonly Buffer[]): OutgoingCall => {
    const call = host.open({ ask: 'run', command: 'cat', args: [], hasStdin: true })
    for (const chunk of chunks) call.stdin.write(chunk)
    call.stdin.end()
    return call
  }
  const greeting = Buffer.from('Grüße\n')
  t.same((await endOf(withInput([greeting.subarray(0, 3), greeting.subarray(3)]))).output, 'got Grüße\n')
  t.same((await endOf(withInput([]))).output, 'got ')
  const before = old.requests.length
  t.same((await endOf(withInput([Buffer.from([0xff, 0xfe])]))).result, {
    kind: 'failed-to-start',
    reason: 'the input is not text, and python-negotiator carries nothing else; upgrade the other side',
  })
  t.same((await endOf(withInput([Buffer.alloc(classicOutputBytesMax + 1, 'x')]))).result, {
    kind: 'failed-to-start',
    reason:
      'the input has more than 16777216 bytes, the most that python-negotiator is given; upgrade the other side',
  })
  t.equal(old.requests.length, before)
})

test('a result of 16 MiB arrives', async (t) => {
  const text = 'é'.repeat(classicOutputBytesMax / 2)
  const { host } = await setStage(t, () => ({ success: true, result: text }))
  const { result, output } = await endOf(run(host, ['long']))
  t.same(result, { kind: 'exited', code: 0 })
  t.ok(output === text)
})

test('calls end when the channel does', async (t) => {
  const { host, unplug } = await setStage(t, () => undefined)
  const [under, waiting] = [run(host, ['under']), run(host, ['waiting'])]
  await settle()
  await unplug()
  t.match(await under.result, { kind: 'lost' })
  t.match(await waiting.result, { kind: 'unreachable' })
  t.equal(host.state, 'connecting')
})

test('a peer that was upgraded is recognised, and one that was put back, too', async (t) => {
  const { clock, host, unplug } = await setStage(t, echo)
  await unplug()
  const next = channelCable()
  const guest = testLink({ name: 'host', instance: 'g', clock })
  const [leaveHost, leaveGuest] = [
    plugIn(host, { cable: next, end: 'host' }),
    plugIn(guest, { cable: next, end: 'guest' }),
  ]
  await clock.advance(openRetryMaxMs)
  t.equal(host.state, 'ready')
  await Promise.all([leaveHost(), leaveGuest()])
  const last = channelCable()
  new OldPeer(last.hostToGuest.right).serve(withList(echo))
  t.teardown(plugIn(host, { cable: last, end: 'host' }))
  await clock.advance(openRetryMaxMs)
  t.equal(host.state, 'classic')
  t.same((await endOf(run(host, ['again']))).output, 'again')
})
