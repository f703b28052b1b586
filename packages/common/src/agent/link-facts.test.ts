import { test } from 'tap'
import type { Channel } from '../channel/channel.js'
import { FakeClock, settle } from '../fake-clock.js'
import { channelStuckMs, freshnessMs, heartbeatDeadMs, heartbeatIntervalMs } from '../limits.js'
import type { IncomingCall } from '../call/call.js'
import type { Line } from '../call/turns.js'
import type { Teardown } from '../test-folder.js'
import type { Link } from './link.js'
import { channelCable, plugIn, testLink } from './test-links.js'
import type { ChannelCable } from './test-links.js'

const request = { ask: 'run', command: 'any', args: [], hasStdin: false } as const

interface Stage {
  readonly clock: FakeClock
  readonly cable: ChannelCable
  readonly host: Link
  readonly guest: Link
  /** The calls that came to the guest. */
  readonly served: readonly IncomingCall[]
}

/** A host's link and a guest's, joined and ready; the guest's calls of commands are kept. */
async function setStage(test: Teardown, line?: () => Line): Promise<Stage> {
  const clock = new FakeClock()
  const cable = channelCable()
  const served: IncomingCall[] = []
  const serve = (call: IncomingCall): void => {
    if (call.request.ask === 'run') served.push(call)
  }
  const host = testLink({ name: 'web1', instance: 'h', clock, ...(line && { line }) })
  const guest = testLink({ name: 'host', instance: 'g', clock, serve })
  test.teardown(plugIn(host, { cable, end: 'host' }))
  test.teardown(plugIn(guest, { cable, end: 'guest' }))
  await settle()
  return { clock, cable, host, guest, served }
}

test('facts tell the epoch of the session on each channel, and another after each session', async (t) => {
  const { clock, cable, host, guest } = await setStage(t)
  const first = host.facts.epochs
  t.match(first, { caller: /^[0-9a-f]{16}$/, server: /^[0-9a-f]{16}$/ })
  t.not(first.caller, guest.facts.epochs.server, 'each end has one of its own')
  cable.hostToGuest.left.close()
  await clock.advance(heartbeatIntervalMs)
  t.same([host.facts.epochs.caller, host.facts.epochs.server], [undefined, first.server])
})

test('facts count the calls of commands, both ways and whatever becomes of them', async (t) => {
  const { host, guest, served } = await setStage(t)
  t.same(
    [host.facts.callTotal, guest.facts.callTotal],
    [0, 0],
    "each side's watch of the other's catalogue is none",
  )
  const call = host.open(request)
  await settle()
  served[0]?.finish({ kind: 'exited', code: 0 })
  await call.result
  host.open(request)
  await settle()
  t.same([host.facts.callTotal, guest.facts.callTotal], [2, 2])
})

test('facts know the round trips of the heartbeat without anybody asking for one', async (t) => {
  const { clock, cable, host } = await setStage(t)
  t.match(host.facts.roundTrip, { p50Ms: undefined, count: 0 })
  const ends = [cable.hostToGuest.right, cable.guestToHost.right]
  for (const end of ends) end.hold()
  await clock.advance(heartbeatIntervalMs + 40)
  for (const end of ends) end.release()
  await settle()
  const { p50Ms, p99Ms, count } = host.facts.roundTrip
  t.ok(count >= 1)
  t.same([p50Ms, p99Ms], [40, 40])
})

test('facts tell what waits: bytes that a peer does not take, calls until it is heard', async (t) => {
  const { clock, cable, host, guest, served } = await setStage(t, () => ({ callCount: 3, isFull: false }))
  host.open(request)
  await settle()
  t.same(host.facts.queue, { bytes: 0, calls: 3 }, 'its own that wait for their turn')
  served[0]?.stdout.write(Buffer.alloc(1_000_000))
  await settle()
  t.ok(guest.facts.queue.bytes > 500_000, `${guest.facts.queue.bytes} bytes, for nobody reads them`)
  cable.hostToGuest.right.hold()
  await clock.advance(freshnessMs)
  host.open(request)
  t.same(host.facts.queue.calls, 4, 'and one of ours')
})

test('facts call a peer busy whose line is full', async (t) => {
  const line = { callCount: 7, isFull: false }
  const { host } = await setStage(t, () => line)
  t.equal(host.facts.isBusy, false)
  line.isFull = true
  t.equal(host.facts.isBusy, true)
})

test('facts call a peer busy whose channel takes nothing for a while, and no longer once it does', async (t) => {
  const { clock, cable, host } = await setStage(t)
  cable.hostToGuest.right.hold()
  for (let count = 0; count < 40; count += 1) host.open({ ...request, args: ['x'.repeat(30_000)] })
  await settle()
  t.equal(host.facts.isBusy, false, 'bulk data fills a channel for a moment')
  await clock.advance(channelStuckMs)
  t.equal(host.facts.isBusy, true)
  cable.hostToGuest.right.release()
  await settle()
  t.equal(host.facts.isBusy, false)
  await clock.advance(channelStuckMs)
  t.equal(host.facts.isBusy, false, 'nor later')
})

test('facts tell the last error and how long ago it was', async (t) => {
  const { clock, cable, host } = await setStage(t)
  t.equal(host.facts.lastError, undefined)
  cable.hostToGuest.right.hold()
  await clock.advance(heartbeatDeadMs + 2 * heartbeatIntervalMs)
  t.equal(host.facts.lastError?.reason, 'The session ended: the other side went silent')
  host.failed('Cannot connect to the socket "x": nobody listens')
  await clock.advance(1_500)
  t.same(host.facts.lastError, { reason: 'Cannot connect to the socket "x": nobody listens', agoMs: 1_500 })
})

test('facts have no error for a peer that left in order, and the cause when a channel broke', async (t) => {
  const { cable, host } = await setStage(t)
  cable.guestToHost.right.close()
  await settle()
  t.equal(host.facts.lastError, undefined)
  const clock = new FakeClock()
  const link = testLink({ name: 'web1', clock })
  const channel: Channel = {
    name: 'port',
    start: (receiver) =>
      setImmediate(() => receiver.closed(new Error('Cannot read the port: it was unplugged'))),
    write: () => true,
    close: () => undefined,
  }
  await link.use({ role: 'caller', channel, signal: new AbortController().signal })
  t.match(link.facts.lastError, { reason: 'Cannot read the port: it was unplugged' })
})
