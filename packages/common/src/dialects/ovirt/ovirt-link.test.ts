import { test } from 'tap'
import { pairedChannels } from '../../channel/paired-channels.js'
import type { PairedChannel } from '../../channel/paired-channels.js'
import { FakeClock, settle } from '../../fake-clock.js'
import { ovirtBytesPerMinute } from './ovirt-limits.js'
import { createLog } from '../../log.js'
import { LegacyServer } from '../legacy-server.js'
import { LinesExchange } from '../lines/lines-exchange.js'
import { OvirtLink } from './ovirt-link.js'
import type { OvirtChange, OvirtSnapshot } from './ovirt-link.js'
import { LineEnd } from './test-guest.js'
import { ask } from './verbs.js'

interface Stage {
  readonly clock: FakeClock
  readonly link: OvirtLink
  readonly logged: string[]
  readonly changes: OvirtChange[]
  readonly guest: LineEnd
  readonly channel: PairedChannel
  readonly leave: () => Promise<void>
}

interface Failing {
  fail(message: string): unknown
}

/** A host, and a guest that a test plays. */
async function setStage(t: Failing, { capacityBytes = 1 << 24 } = {}): Promise<Stage> {
  const clock = new FakeClock()
  const logged: string[] = []
  const log = createLog({ level: 'debug', format: 'text', write: (line) => void logged.push(line) })
  const link = new OvirtLink({ guest: 'web-1', clock, log })
  const changes: OvirtChange[] = []
  link.subscribe((change) => changes.push(change))
  const { left, right } = pairedChannels({ capacityBytes })
  const exchange = new LinesExchange({ channel: right, lineEnd: '\n', atOnceMax: Number.POSITIVE_INFINITY })
  const dialect = link.open()
  const serve = (): void => void t.fail('a guest calls nothing')
  new LegacyServer({ exchange, dialect, serve, outputBytesMax: 0, log })
  const guest = new LineEnd(left)
  await settle()
  const leave = async (): Promise<void> => {
    exchange.close()
    await exchange.ended
    dialect.close?.()
  }
  return { clock, link, logged, changes, guest, channel: left, leave }
}

function beat(apiVersion: unknown): object {
  return { __name__: 'heartbeat', 'free-ram': '100', apiVersion }
}

function toldBy({ told }: OvirtSnapshot): unknown {
  return JSON.parse(JSON.stringify(told))
}

test('a host asks for everything as it connects, and keeps what it is told', async (t) => {
  const { link, guest, changes, leave } = await setStage(t)
  t.same(await guest.lines(), ['{"__name__": "refresh", "apiVersion": 3}'])
  t.equal(link.snapshot().isConnected, true)
  t.equal(link.snapshot().isResponsive, false, 'a channel is not yet an agent')
  changes.length = 0
  const message = { __name__: 'host-name', name: 'vm1' }
  await guest.say(message, message, { __name__: 'session-logon' }, { __name__: 'session-startup' })
  t.same(changes, [
    { kind: 'changed', names: ['isResponsive'] },
    { kind: 'changed', names: ['hostName'] },
    { kind: 'changed', names: ['session'] },
    { kind: 'event', name: 'session-logon' },
    { kind: 'event', name: 'session-startup' },
  ])
  t.same(toldBy(link.snapshot()), { hostName: 'vm1', session: 'logged-on' })
  await leave()
  t.match(link.snapshot(), {
    isConnected: false,
    isResponsive: false,
    isUp: false,
    told: { hostName: 'vm1' },
  })
})

test('a version is negotiated by heartbeats: the common one is told when it changes', async (t) => {
  const { link, guest, leave } = await setStage(t)
  await guest.lines()
  for (const [offered, common, said] of [
    [0, 0, []],
    [3, 3, ['{"__name__": "api-version", "apiVersion": 3}']],
    [3, 3, []],
    [1, 1, ['{"__name__": "api-version", "apiVersion": 1}']],
    [99, 3, ['{"__name__": "api-version", "apiVersion": 3}']],
    [2, 2, ['{"__name__": "api-version", "apiVersion": 2}']],
    ['junk', 0, []],
    ['3', 3, ['{"__name__": "api-version", "apiVersion": 3}']],
    [undefined, 0, []],
    [-1, 0, []],
  ] as const) {
    await guest.say(beat(offered))
    t.equal(link.snapshot().apiVersion, common, String(offered))
    t.same(await guest.lines(), said, String(offered))
  }
  t.equal(link.snapshot().isUp, true)
  await leave()
})

test('a guest is responsive for 120 s after any message, and no longer', async (t) => {
  const { clock, link, guest, changes, leave } = await setStage(t)
  await guest.say({ __name__: 'host-name', name: 'vm1' })
  t.equal(link.snapshot().isUp, false, 'up it is after a heartbeat')
  await clock.advance(119_999)
  t.equal(link.snapshot().isResponsive, true)
  await guest.say(beat(0))
  await clock.advance(119_999)
  t.match(link.snapshot(), { isResponsive: true, lastHeardSecondsAgo: 119 })
  changes.length = 0
  await clock.advance(1)
  t.equal(link.snapshot().isResponsive, false)
  t.same(changes, [{ kind: 'changed', names: ['isResponsive'] }])
  await leave()
  t.equal(clock.timerCount, 0)
})

test('garbage harms nobody: it is counted, told in the log without its text, and what follows is read', async (t) => {
  const { link, guest, channel, logged, leave } = await setStage(t)
  await guest.say('not json', '{"__name__": 7}', '{"__name__": "number-of-cpus", "count": null}', '[[[[')
  await guest.say('x'.repeat(2 * 1024 * 1024), '{"__name__": "make-tea", "secret": "s3cret"}')
  channel.write(Buffer.from([0xff, 0xfe, 0x00, 0x0a]))
  channel.write(
    Buffer.concat([
      Buffer.from('{"__name__": "host-name", "name": "vm'),
      Buffer.from([0xff, 0x22, 0x7d, 0x0a]),
    ]),
  )
  await settle()
  t.match(link.snapshot(), { refusedCount: 7, droppedCount: 0 })
  t.same(toldBy(link.snapshot()), { hostName: 'vm\ufffd' }, 'what is no UTF-8 is replaced')
  for (const reason of [
    'it is not JSON',
    'wrong or missing: count',
    'longer than 1048576 bytes',
    'no such message',
  ])
    t.ok(
      logged.some((line) => line.includes(reason)),
      reason,
    )
  t.notMatch(logged.join(''), /s3cret/)
  await leave()
})

test('a line that never ends is dropped up to its end, and told once', async (t) => {
  const { link, guest, channel, leave } = await setStage(t)
  for (let count = 0; count < 8; count += 1) channel.write(Buffer.alloc(1024 * 1024, 'x'))
  await guest.say('', beat(3))
  t.match(link.snapshot(), { isUp: true, refusedCount: 1 })
  await leave()
})

test('a guest that floods is read so much in a minute, and heard again later', async (t) => {
  const { clock, link, guest, channel, logged, leave } = await setStage(t)
  const line = `${JSON.stringify({ __name__: 'fqdn', fqdn: 'x'.repeat(100_000) })}\n`
  for (let count = 0; count < 200; count += 1) channel.write(Buffer.from(line))
  await settle()
  const { droppedCount } = link.snapshot()
  t.equal(droppedCount, 200 - Math.floor(ovirtBytesPerMinute / (line.length - 1)))
  t.ok(logged.length < 50, 'the log is not flooded')
  await clock.advance(60_000)
  await guest.say({ __name__: 'host-name', name: 'vm1' })
  t.match(link.snapshot(), { droppedCount, told: { hostName: 'vm1' } })
  await leave()
})

test('a flood of small messages counts, too', async (t) => {
  const { link, channel, leave } = await setStage(t)
  channel.write(Buffer.from('{"__name__": "session-lock"}\n'.repeat(10_000)))
  await settle()
  t.equal(link.snapshot().droppedCount, 10_000 - ovirtBytesPerMinute / 1024)
  await leave()
})

test('ask() tells what came of it, in a sentence', async (t) => {
  const { clock, link, guest, leave } = await setStage(t)
  const shutdown = { verb: 'shutdown', delaySeconds: 30, message: 'text' } as const
  const early = await ask(link, { verb: 'lifecycle', event: 'before_migration' })
  t.same(early, {
    kind: 'not-sent',
    reason:
      'Cannot ask guest "web-1" for "lifecycle": its agent speaks API version 0, and this needs 3; upgrade the agent',
  })
  await guest.say(beat(3))
  await guest.lines()
  const silent = ask(link, shutdown)
  const [line = ''] = await guest.lines()
  t.match(
    line,
    /^\{"__name__": "shutdown", "timeout": 30, "message": "text", "reboot": "False", "reply_id": "[0-9a-f-]{36}"\}$/,
  )
  await clock.advance(2_000)
  t.same(await silent, { kind: 'unconfirmed' }, 'agents of old do not say')
  const late = ask(link, { verb: 'lifecycle', event: 'after_migration', hasFailed: true })
  t.match(
    (await guest.lines())[0],
    /"lifecycle-event", "type": "after_migration", "failure": true, "reply_id"/,
  )
  await clock.advance(10_000)
  t.same(await late, {
    kind: 'failed',
    reason: 'Cannot ask guest "web-1" for "lifecycle": its hooks did not end within 10 s',
  })
  const dead = ask(link, { verb: 'echo' })
  await clock.advance(2_000)
  t.match(await dead, {
    reason: 'Cannot ask guest "web-1" for "echo": its agent does not answer; is it running?',
  })
  const lost = ask(link, { verb: 'reboot' })
  await leave()
  t.match(await lost, {
    kind: 'lost',
    reason: /its channel was closed before it answered; it may have been done$/,
  })
  t.match(await ask(link, { verb: 'lock' }), {
    kind: 'not-sent',
    reason: /its channel is not connected; is the guest running\?$/,
  })
  t.equal(clock.timerCount, 0)
})

test('ask() says so when the agent does not read', async (t) => {
  const { clock, link, channel, guest, leave } = await setStage(t, { capacityBytes: 100 })
  channel.hold()
  const message = 'x'.repeat(5_000)
  const asked = Array.from({ length: 300 }, async () => await ask(link, { verb: 'shutdown', message }))
  t.match(await asked.at(-1), { reason: /its agent does not read; is it running\?$/ })
  channel.release()
  const taken = await guest.names()
  t.ok(taken.length > 100 && taken.length < 300, 'so much is kept for it, and no more')
  void ask(link, { verb: 'refresh' })
  t.same(await guest.names(), ['refresh'], 'and it goes on when it reads')
  await leave()
  t.equal(clock.timerCount, 0)
})

test('an answer that nobody waits for, or that is none, is nobody else’s', async (t) => {
  const { clock, link, guest, leave } = await setStage(t)
  await guest.say(beat(3))
  const locked = ask(link, { verb: 'lock' })
  await guest.say(
    { __name__: 'completion', reply_id: 'stale', done: true },
    { __name__: 'completion', reply_id: 7, done: true },
    { __name__: 'completion', done: true },
  )
  await clock.advance(2_000)
  t.same(await locked, { kind: 'unconfirmed' })
  await leave()
})
