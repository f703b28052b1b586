import { test } from 'tap'
import { pairedChannels } from '../channel/paired-channels.js'
import { FakeClock, settle } from '../fake-clock.js'
import {
  heartbeatDeadMs,
  logBurstMax,
  logLineMs,
  openRetryMaxMs,
  reconnectMinMs,
  refusedRetryMs,
} from '../limits.js'
import { createLog } from '../log.js'
import type { IncomingCall } from '../call/call.js'
import { ScriptedPeer } from '../session/scripted-peer.js'
import { readLane } from '../session/session-pair.js'
import type { Teardown } from '../test-folder.js'
import { FrameType } from '../wire/frame.js'
import type { Link } from './link.js'
import { channelCable, plugIn, testLink } from './test-links.js'
import type { ChannelCable } from './test-links.js'

const request = { ask: 'run', command: 'any', args: [], hasStdin: false } as const

/** Plugs a link in, and out when the test is over. */
function plugged(
  test: Teardown,
  link: Link,
  place: { cable: ChannelCable; end: 'host' | 'guest' },
): () => Promise<void> {
  const unplug = plugIn(link, place)
  test.teardown(unplug)
  return unplug
}

/** A host's link and a guest's, joined and ready. */
async function joinedLinks(test: Teardown): Promise<{
  clock: FakeClock
  cable: ChannelCable
  host: Link
  guest: Link
  served: IncomingCall[]
}> {
  const clock = new FakeClock()
  const cable = channelCable()
  const served: IncomingCall[] = []
  const serve = (stream: IncomingCall): void => {
    if (stream.request.ask === 'run') served.push(stream)
  }
  const [host, guest] = [
    testLink({ name: 'web1', instance: 'h', clock }),
    testLink({ name: 'host', instance: 'g', clock, serve }),
  ]
  plugged(test, host, { cable, end: 'host' })
  plugged(test, guest, { cable, end: 'guest' })
  await settle()
  return { clock, cable, host, guest, served }
}

test('a link is connecting without a channel, silent without an answer, then ready', async (t) => {
  const clock = new FakeClock()
  const cable = channelCable()
  const states: string[] = []
  const host: Link = testLink({ name: 'web1', clock, onChange: () => states.push(host.state) })
  t.equal(host.state, 'connecting')
  plugged(t, host, { cable, end: 'host' })
  await clock.advance(60_000)
  t.equal(host.state, 'silent')
  plugged(t, testLink({ name: 'host', clock }), { cable, end: 'guest' })
  await clock.advance(openRetryMaxMs)
  t.equal(host.state, 'ready')
  t.same([...new Set(states)], ['silent', 'ready'])
  t.match(host.remote, { agent: '0.1.0', name: 'machine of host' })
})

test('a link that loses its session is silent, and connecting when it loses its channel', async (t) => {
  const { clock, cable, host } = await joinedLinks(t)
  cable.hostToGuest.left.hold()
  cable.hostToGuest.right.hold()
  await clock.advance(2 * heartbeatDeadMs)
  t.equal(host.state, 'silent')
  cable.hostToGuest.left.release()
  cable.hostToGuest.left.close()
  await settle()
  t.equal(host.state, 'connecting')
  t.equal(host.commands, undefined)
})

test('a link that is paused and goes on is ready again', async (t) => {
  const { clock, cable, host } = await joinedLinks(t)
  cable.hostToGuest.right.hold()
  cable.guestToHost.right.hold()
  await clock.advance(2 * heartbeatDeadMs)
  t.equal(host.state, 'silent')
  cable.hostToGuest.right.release()
  cable.guestToHost.right.release()
  await clock.advance(openRetryMaxMs)
  t.equal(host.state, 'ready')
})

test('a link to a peer of another age is refused, and asks again later', async (t) => {
  const clock = new FakeClock()
  const cable = channelCable()
  const lines: string[] = []
  const log = createLog({ level: 'warn', format: 'text', write: (line) => void lines.push(line) })
  const host = testLink({ name: 'web1', clock, log })
  plugged(t, host, { cable, end: 'host' })
  const leave = plugged(t, testLink({ name: 'host', clock, versions: { min: 7, max: 9 } }), {
    cable,
    end: 'guest',
  })
  await clock.advance(3 * refusedRetryMs)
  t.equal(host.state, 'refused')
  t.match(host.remote, { versions: { min: 7, max: 9 } })
  t.equal(lines.length, 1, 'logged once')
  t.match(lines[0], /upgrade the older side.*peer="web1" theirs="7-9" ours="1-1"/)

  await leave()
  const upgraded = channelCable()
  plugged(t, host, { cable: upgraded, end: 'host' })
  plugged(t, testLink({ name: 'host', clock }), { cable: upgraded, end: 'guest' })
  await clock.advance(openRetryMaxMs)
  t.equal(host.state, 'ready')
})

test('a peer that tells its commands without end is told on now and then only, and the newest of them', async (t) => {
  const clock = new FakeClock()
  const cable = channelCable()
  let changeCount = 0
  const host = testLink({ name: 'web1', clock, onChange: () => (changeCount += 1) })
  plugged(t, host, { cable, end: 'host' })
  const guest = testLink({
    name: 'host',
    clock,
    serve: ({ stdout }) => {
      for (let nth = 1; nth <= 2_000; nth += 1)
        stdout.write(Buffer.from(`{"commands":[{"name":"c${nth}","kind":"executable"}]}\n`))
    },
  })
  plugged(t, guest, { cable, end: 'guest' })
  await clock.advance(openRetryMaxMs)
  t.same(host.commands, [{ name: 'c2000', kind: 'executable' }])
  t.ok(changeCount < 20, `${changeCount} changes were told`)
})

test('a peer that breaks the protocol in a loop fills no log', async (t) => {
  const clock = new FakeClock()
  const cable = channelCable()
  const lines: string[] = []
  const log = createLog({ level: 'info', format: 'text', write: (line) => void lines.push(line) })
  plugged(t, testLink({ name: 'web1', clock, log }), { cable, end: 'host' })
  const peer = new ScriptedPeer(cable.guestToHost.right)
  const breakOnce = async (nth: number): Promise<void> => {
    const epoch = nth.toString(16).padStart(16, '0')
    peer.open(epoch)
    await settle()
    peer.join(epoch)
    peer.send(FrameType.stdout, { stream: 1 })
    await settle()
  }
  for (let nth = 1; nth <= logBurstMax * 3; nth += 1) await breakOnce(nth)
  t.equal(lines.length, logBurstMax)
  await clock.advance(logLineMs)
  await breakOnce(999)
  t.match(lines.at(-1), new RegExp(`broke the protocol.* leftOut=${logBurstMax * 2}\\n`))
})

test('open() says why a peer cannot be called now', async (t) => {
  const clock = new FakeClock()
  const cable = channelCable()
  const host = testLink({ name: 'web1', clock })
  const refuses = (why: string): void => {
    t.throws(() => host.open(request), {
      name: 'UsageError',
      code: 'not-ready',
      message: `Cannot call "web1": ${why}`,
    })
  }
  refuses('its channel is not connected; is it running, and are its channels configured?')
  plugged(t, host, { cable, end: 'host' })
  refuses("its channel is there, but no daemon answers in it; is the other side's daemon running?")
  plugged(t, testLink({ name: 'host', clock, versions: { min: 2, max: 2 } }), { cable, end: 'guest' })
  await clock.advance(openRetryMaxMs)
  refuses('the two sides speak no common protocol version; upgrade the older one')
  t.equal(await host.ping(), undefined)
})

test('a call goes through, each way on its own channel', async (t) => {
  const { host, guest, served } = await joinedLinks(t)
  t.equal(host.callCount, 0, "each side's watch of the other's catalogue is none")
  const call = host.open(request)
  const stdout = readLane(call.stdout)
  await settle()
  t.same([host.callCount, guest.callCount], [1, 1])
  served[0]?.stdout.write(Buffer.from('hello'))
  served[0]?.finish({ kind: 'exited', code: 3 })
  t.same(await call.result, { kind: 'exited', code: 3 })
  t.equal(stdout.text, 'hello')
  t.equal(guest.state, 'ready')
  t.ok(host.counters.caller.bytesSent > 0 && guest.counters.server.calls === 2)
})

test('ping() measures a round trip', async (t) => {
  const { clock, cable, host } = await joinedLinks(t)
  t.equal(await host.ping(), 0)
  cable.hostToGuest.right.hold()
  const answer = host.ping()
  await clock.advance(250)
  cable.hostToGuest.right.release()
  t.equal(await answer, 250)
})

test('a call ends as lost when the channel closes', async (t) => {
  const { cable, host, served } = await joinedLinks(t)
  const causes: string[] = []
  const call = host.open(request)
  await settle()
  served[0]?.listen({ stop: (cause) => void causes.push(cause), signal: () => undefined })
  cable.hostToGuest.left.close()
  t.match(await call.result, { kind: 'lost' })
  await settle()
  t.same(causes, ['lost'])
})

test('a link notices at once that another process answers, though its channel never closed', async (t) => {
  const [clock, cable] = [new FakeClock(), channelCable()]
  const host = testLink({ name: 'web1', clock })
  plugged(t, host, { cable, end: 'host' })
  void plugIn(testLink({ name: 'host', instance: 'one', clock }), { cable, end: 'guest' })
  await settle()
  t.equal(host.remote?.instance, 'one')
  const call = host.open(request)
  await settle()
  // The new daemon opens the same ports; nothing tells the host that the old one is gone.
  const restarted = testLink({ name: 'host', instance: 'another', clock })
  plugged(t, restarted, { cable, end: 'guest' })
  await clock.advance(2 * reconnectMinMs)
  t.match(await call.result, { kind: 'lost' })
  t.equal(host.state, 'ready')
  t.equal(host.remote?.instance, 'another')
  t.equal(restarted.state, 'ready')
})

test('use() is over when its signal says so, also from the start', async (t) => {
  const clock = new FakeClock()
  const link = testLink({ name: 'web1', clock })
  t.equal(
    await link.use({ role: 'caller', channel: pairedChannels().left, signal: AbortSignal.abort() }),
    undefined,
  )
  const stop = new AbortController()
  const used = link.use({ role: 'server', channel: pairedChannels().left, signal: stop.signal })
  stop.abort()
  t.equal(await used, undefined)
  t.equal(clock.timerCount, 0)
})

test('a peer that tells its commands wrongly is logged, and can still be called', async (t) => {
  for (const told of ['not JSON\n', '{"commands":3}\n']) {
    const clock = new FakeClock()
    const cable = channelCable()
    const lines: string[] = []
    const log = createLog({ level: 'warn', format: 'text', write: (line) => void lines.push(line) })
    const serve = (stream: IncomingCall): void => {
      if (stream.request.ask === 'commands') stream.stdout.write(Buffer.from(told))
      else stream.finish({ kind: 'exited', code: 0 })
    }
    const host = testLink({ name: 'web1', clock, log })
    plugged(t, host, { cable, end: 'host' })
    plugged(t, testLink({ name: 'host', clock, serve }), { cable, end: 'guest' })
    await settle()
    t.match(lines, [/The peer tells its commands wrongly peer="web1"/])
    t.equal(host.commands, undefined)
    t.same(await host.open(request).result, { kind: 'exited', code: 0 })
  }
})
