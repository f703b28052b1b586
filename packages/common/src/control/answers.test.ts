import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Link } from '../agent/link.js'
import { joinedAgents } from '../agent/test-agents.js'
import { channelCable, plugIn, testLink } from '../agent/test-links.js'
import type { PairedChannel } from '../channel/paired-channels.js'
import type { Clock } from '../clock.js'
import { OldPeer } from '../dialects/classic/old-peer.js'
import type { OldAnswers } from '../dialects/classic/old-peer.js'
import { CollectedCall } from '../dialects/collected-call.js'
import { FakeClock, settle } from '../fake-clock.js'
import { UsageError } from '../errors.js'
import { controlListsMax } from './limits.js'
import { cataloguePatienceMs, streamCountMax } from '../limits.js'
import { testDaemons } from '../terminal/test-daemons.js'
import { writeCommand } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'
import type { Request } from '../wire/request.js'
import { version } from '../version.js'
import { Answers } from './answers.js'

const script = 'exit 0'

test('peers() tells each peer and its state', async (t) => {
  const { host, toGuest, connect } = await testDaemons(t)
  host.agent.addPeer({ name: 'db', caller: { kind: 'guest', name: 'db' } })
  const client = await connect()
  t.same(await client.peers(), [
    { name: 'db', state: 'connecting' },
    {
      name: 'web1',
      uuid: '6d1f',
      state: 'ready',
      agent: version,
      machine: toGuest.remote?.name,
      bootId: toGuest.remote?.bootId,
    },
  ])
})

test('watchPeers() tells each change, and nothing that is none', async (t) => {
  const { host, guest, toGuest, unplug, connect } = await testDaemons(t)
  const seen: string[] = []
  for await (const peers of (await connect()).watchPeers()) {
    seen.push(peers.map(({ name, state }) => `${name} ${state}`).join(', '))
    // A new command is no change of a peer.
    if (seen.length === 1) writeCommand({ folder: guest.folder, name: 'hello', script })
    if (seen.length === 1) await joinedAgents(t, { host, name: 'web2' })
    if (seen.at(-1) === 'web1 ready, web2 ready') await unplug()
    if (seen.at(-1) === 'web1 connecting, web2 ready') host.agent.removePeer(toGuest)
    if (seen.at(-1) === 'web2 ready') break
  }
  const unchanged = seen.filter((line, at) => line === seen[at - 1])
  t.same(unchanged, [])
  t.same([seen[0], seen.at(-1)], ['web1 ready', 'web2 ready'])
})

test("commands() tells a peer's commands, and watchCommands() each change", async (t) => {
  const { guest, connect } = await testDaemons(t)
  const client = await connect()
  t.same(await client.commands('web1'), [])
  const changes = [
    () => writeCommand({ folder: guest.folder, name: 'hello', script }),
    () => writeCommand({ folder: guest.folder, name: 'apple', script }),
    () => rmSync(join(guest.folder, 'hello')),
  ]
  const seen: string[] = []
  for await (const commands of client.watchCommands('web1')) {
    seen.push(commands.map(({ name, kind }) => `${name}:${kind}`).join(' '))
    const change = changes.shift()
    if (change === undefined) break
    change()
  }
  t.same(seen, ['', 'hello:executable', 'apple:executable hello:executable', 'apple:executable'])
})

test('watchCommands() ends with an error when the peer leaves', async (t) => {
  const { unplug, connect } = await testDaemons(t)
  const watched = (await connect()).watchCommands('web1')
  await watched.next()
  const ended = t.rejects(watched.next(), { code: 'unreachable', message: /^"web1" is (silent|connecting)$/ })
  await unplug()
  await ended
})

test('leaving a watch frees it in the daemon', async (t) => {
  const { connect } = await testDaemons(t)
  const client = await connect()
  for (let round = 0; round < streamCountMax + 10; round += controlListsMax) {
    await Promise.all(
      Array.from({ length: controlListsMax }, async () => {
        for await (const peers of client.watchPeers()) return peers
        return []
      }),
    )
  }
  t.equal((await client.peers()).length, 1)
})

test("ping() measures the way to the peer's daemon", async (t) => {
  const { connect } = await testDaemons(t)
  const roundTripMs = await (await connect()).ping('web1')
  t.ok(roundTripMs > 0 && roundTripMs < 5000, `${roundTripMs} ms`)
})

/** A peer that answers, and tells nothing by itself. */
function quietPeer(test: Teardown, clock: Clock): { readonly link: Link; readonly remote: PairedChannel } {
  const cable = channelCable()
  const link = testLink({ name: 'web1', clock })
  test.teardown(plugIn(link, { cable, end: 'host' }))
  test.teardown(plugIn(testLink({ name: 'host', instance: 'guest', clock }), { cable, end: 'guest' }))
  return { link, remote: cable.hostToGuest.right }
}

/** Asks a daemon whose one peer this is. */
function ask(request: Request, { clock, link }: { clock: Clock; link: Link }): CollectedCall {
  const directory = { peers: () => [link], subscribe: () => () => undefined }
  const call = new CollectedCall({ request, outputBytesMax: 1000 })
  const run = (): void => undefined
  new Answers({ directory, clock, run, status: () => ({}) }).answer(call, { kind: 'program' })
  return call
}

test('ping() gives up when its time is over', async (t) => {
  const clock = new FakeClock()
  const { link, remote } = quietPeer(t, clock)
  await settle()
  const request = { ask: 'ping', target: 'web1', timeoutMs: 20 } as const
  const { result, stdout } = await ask(request, { clock, link }).ended
  t.same([result, stdout.toString()], [{ kind: 'exited', code: 0 }, '{"roundTripMs":0}\n'])
  remote.hold()
  const late = ask(request, { clock, link })
  await clock.advance(20)
  t.same((await late.ended).result, { kind: 'timed-out', reason: '"web1" has not answered in 20 ms' })
})

test('a daemon that runs no machines says who does', async (t) => {
  const clock = new FakeClock()
  const request = { ask: 'machine', action: 'start', target: 'web1' } as const
  const { result } = await ask(request, { clock, link: testLink({ name: 'web1', clock }) }).ended
  t.same(result, {
    kind: 'unreachable',
    reason: 'this daemon runs no machines; the one of the host does',
  })
})

test('commands() gives up on a peer that does not tell its commands', async (t) => {
  const clock = new FakeClock()
  const { link } = quietPeer(t, clock)
  await settle()
  t.same([link.state, link.commands], ['ready', undefined])
  const call = ask({ ask: 'commands', target: 'web1' }, { clock, link })
  await clock.advance(cataloguePatienceMs)
  t.same((await call.ended).result, {
    kind: 'timed-out',
    reason: '"web1" does not tell its commands; is its daemon overloaded?',
  })
})

test('commands() tells what is known of a python-negotiator that is busy', async (t) => {
  const clock = new FakeClock()
  const cable = channelCable()
  const link = testLink({ name: 'web1', clock })
  const answers: OldAnswers = ({ method }) =>
    method === 'list_commands' ? { success: true, result: ['hello'] } : undefined
  new OldPeer(cable.hostToGuest.right).serve(answers)
  t.teardown(plugIn(link, { cable, end: 'host' }))
  await settle()
  await settle()
  t.same(link.commands, [{ name: 'hello', kind: 'executable' }])
  link.open({ ask: 'run', command: 'slow', args: [], hasStdin: false })
  const call = ask({ ask: 'commands', target: 'web1' }, { clock, link })
  await clock.advance(cataloguePatienceMs)
  call.stop('cancelled')
  t.match((await call.ended).stdout.toString(), '{"commands":[{"name":"hello","kind":"executable"}]}\n')
})

test('wait() is over at once when the peer is ready, else when it gets ready', async (t) => {
  const { host, connect } = await testDaemons(t)
  const client = await connect()
  await client.wait('web1')
  const waiting = client.wait('web2', { timeoutMs: 60_000 })
  await joinedAgents(t, { host, name: 'web2' })
  await waiting
  t.pass('also for a peer that was not there yet')
})

test('wait() gives up when its time is over, saying how the peer is', async (t) => {
  const { unplug, connect } = await testDaemons(t)
  const client = await connect()
  await t.rejects(client.wait('web2', { timeoutMs: 20 }), {
    name: 'SystemError',
    code: 'timed-out',
    message: '"web2" is not there',
  })
  await unplug()
  await t.rejects(client.wait('web1', { timeoutMs: 20 }), {
    code: 'timed-out',
    message: '"web1" is connecting',
  })
})

test('status() tells of the daemon and of each peer', async (t) => {
  const { guest, connect } = await testDaemons(t)
  writeCommand({ folder: guest.folder, name: 'hello', script })
  const client = await connect()
  for await (const commands of client.watchCommands('web1')) if (commands.length === 1) break
  await client.run({ target: 'web1', command: 'hello' })
  const status = await client.status()
  t.match(status, { side: 'host', version, processId: process.pid, commands: [], refused: [] })
  t.match(status['peers'], [
    {
      name: 'web1',
      uuid: '6d1f',
      state: 'ready',
      commandCount: 1,
      condition: 'ready',
      epochs: { caller: /^[0-9a-f]{16}$/, server: /^[0-9a-f]{16}$/ },
      callsUnderWay: 0,
      callsInAll: 1,
      queue: { bytes: 0, calls: 0 },
      roundTripMs: { p50: null, p99: null },
      lastError: null,
      counters: { caller: { sessions: 1, calls: 2, silences: 0 } },
    },
  ])
})

test('a peer with too many calls under way is busy', async (t) => {
  const { toGuest, connect } = await testDaemons(t)
  const client = await connect()
  const reason = `Cannot start the call: ${streamCountMax} are under way already`
  t.capture(toGuest, 'open', () => {
    throw new UsageError(reason, { code: 'too-many-calls' })
  })
  t.match(await client.run({ target: 'web1', command: 'hello' }), { kind: 'busy', reason })
})
