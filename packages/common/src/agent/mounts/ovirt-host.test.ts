import { test } from 'tap'
import type { Teardown } from '../../test-folder.js'
import type { Judge } from '../../call/judge.js'
import { testJudge, testRule } from '../../call/test-judge.js'
import { pairedChannels } from '../../channel/paired-channels.js'
import type { PairedChannel } from '../../channel/paired-channels.js'
import { RecordedEnd } from '../../channel/recorded-end.js'
import { Answers } from '../../control/answers.js'
import { CollectedCall } from '../../dialects/collected-call.js'
import type { CollectedEnd } from '../../dialects/dialect.js'
import { FakeClock, settle } from '../../fake-clock.js'
import { silentLog } from '../../log.js'
import type { RunRequest } from '../../wire/request.js'
import type { Result } from '../../wire/result.js'
import { writeCommand } from '../../test-folder.js'
import type { Obstacle } from '../../call/peer.js'
import { testAgent } from '../test-agents.js'
import type { TestAgent } from '../test-agents.js'
import { Mount } from './mount.js'

/** How a call ended, and what its caller was told. */
interface Ended {
  readonly result: Result
  readonly words: string
}

interface HostStage extends TestAgent {
  readonly clock: FakeClock
  /** A local program runs a command on the guest `web1`. */
  readonly run: (command: string, ...args: readonly string[]) => Promise<Ended>
  /** The same, with a limit. */
  readonly runFor: (
    timeoutMs: number | undefined,
    command: string,
    ...args: readonly string[]
  ) => Promise<Ended>
  /** What its driver says of the guest's machine. */
  readonly setObstacle: (obstacle: Obstacle | undefined) => void
  /** The guest's end of the channel; the daemon connects to it now. */
  readonly plug: () => Promise<PairedChannel>
}

/** A host whose guest has no Negotiator, and a port for an oVirt agent. */
async function hostStage(t: Teardown, judge: Judge = testJudge()): Promise<HostStage> {
  const clock = new FakeClock()
  const host = await testAgent(t, { side: 'host', clock, judge })
  const link = host.agent.addPeer({ name: 'web1', uuid: 'u1', caller: { kind: 'guest', name: 'web1' } })
  link.setObstacle('no-channels')
  let provide: (channel: PairedChannel) => void = () => undefined
  const offered = new Promise<PairedChannel>((resolve) => (provide = resolve))
  const mount = new Mount(
    { dialect: 'ovirt', exchange: 'lines', path: 'its socket' },
    {
      ...{ side: 'host', guest: 'web1', clock, log: silentLog },
      serve: (call) => host.agent.servePeer(call, { kind: 'guest', name: 'web1' }),
      openChannel: async () => await offered,
    },
  )
  link.setOtherAgent(() => mount.agent)
  t.teardown(async () => {
    provide(pairedChannels().right)
    await mount.close()
  })
  const plug = async (): Promise<PairedChannel> => {
    const { left, right } = pairedChannels()
    provide(right)
    while (mount.status.state !== 'connected') await settle()
    return left
  }
  const setObstacle = (obstacle: Obstacle | undefined): void => link.setObstacle(obstacle)
  const runFor: HostStage['runFor'] = async (timeoutMs, command, ...args) =>
    await runAt(host, { ask: 'run', target: 'web1', command, args, timeoutMs, hasStdin: false })
  const run: HostStage['run'] = async (...words) => await runFor(undefined, ...words)
  return { ...host, clock, plug, setObstacle, run, runFor }
}

async function runAt({ agent }: TestAgent, request: RunRequest): Promise<Ended> {
  const call = new CollectedCall({ request, outputBytesMax: 1024 })
  agent.serveProgram(call, {
    request,
    program: {
      kind: 'program',
      user: { userName: 'alice', userId: 1000, groupNames: ['alice'], processId: 7 },
    },
  })
  const { result, stderr } = await call.ended
  return { result, words: stderr.toString() }
}

/** An agent of oVirt's own: it tells that it lives, and takes what it is sent without a word. */
async function oldAgent({ plug }: HostStage, apiVersion = 3): Promise<RecordedEnd> {
  const end = new RecordedEnd(await plug()).start()
  end.channel.write(Buffer.from(`{"__name__": "heartbeat", "free-ram": "1", "apiVersion": ${apiVersion}}\n`))
  await end.until(({ received }) => received.includes('"api-version"'))
  return end
}

/** What a port was sent last, without its id. */
function lastLine({ received }: RecordedEnd): unknown {
  const [line = ''] = received.toString().trimEnd().split('\n').slice(-1)
  const { reply_id: id, ...rest } = JSON.parse(line) as Readonly<Record<string, unknown>>
  return { ...rest, hasId: typeof id === 'string' }
}

test('a guest with an oVirt agent and no Negotiator does what `run` asks, and it is told that nobody knows how', async (t) => {
  const stage = await hostStage(t)
  const end = await oldAgent(stage)
  const ending = stage.run('power', 'shutdown', '--delay', '60', '--message', 'Good night')
  await settle()
  t.same(lastLine(end), {
    ...{ __name__: 'shutdown', timeout: 60, message: 'Good night', reboot: 'False', hasId: true },
  })
  await stage.clock.advance(2_000)
  t.same(await ending, {
    result: { kind: 'exited', code: 0 },
    words: 'sent; this oVirt agent does not tell how it ended\n',
  })
  t.match(stage.audit.records, [
    {
      direction: 'out',
      via: 'ovirt',
      caller: { name: 'user:alice', userId: 1000, processId: 7 },
      target: { name: 'web1', uuid: 'u1' },
      command: 'power',
      rule: '30-test.policy:1',
      result: { kind: 'exited', code: 0 },
    },
  ])
})

test('all that can be asked of an oVirt agent, as it is sent', async (t) => {
  const stage = await hostStage(t)
  const end = await oldAgent(stage)
  const cases: readonly (readonly [words: readonly [string, ...string[]], message: object])[] = [
    [['power', 'reboot'], { __name__: 'shutdown', timeout: 0, message: '', reboot: 'True' }],
    [['power', 'hibernate'], { __name__: 'hibernate', state: 'disk' }],
    [['power', 'suspend'], { __name__: 'hibernate', state: 'mem' }],
    [['session', 'lock'], { __name__: 'lock-screen' }],
    [['session', 'log-off'], { __name__: 'log-off' }],
    [['ovirt-lifecycle', 'before_migration'], { __name__: 'lifecycle-event', type: 'before_migration' }],
    [
      ['ovirt-lifecycle', 'after_migration', 'failure'],
      { __name__: 'lifecycle-event', type: 'after_migration', failure: true },
    ],
    [['ovirt-refresh'], { __name__: 'refresh', apiVersion: 3 }],
    [['ovirt-echo'], { __name__: 'echo' }],
  ]
  for (const [words, message] of cases) {
    const ending = stage.run(...words)
    await settle()
    t.same(lastLine(end), { ...message, hasId: true })
    await stage.clock.advance(10_000)
    await ending
  }
})

test('what an oVirt agent can be asked for is listed as commands', async (t) => {
  const stage = await hostStage(t)
  const answers = new Answers({
    ...{ directory: stage.agent, clock: stage.clock },
    run: () => undefined,
    status: () => ({}),
  })
  const ask = async (): Promise<CollectedEnd> => {
    const call = new CollectedCall({ request: { ask: 'commands', target: 'web1' }, outputBytesMax: 4096 })
    answers.answer(call, { kind: 'program' })
    await settle()
    call.stop('cancelled')
    return await call.ended
  }
  t.same((await ask()).result, { kind: 'unreachable', reason: '"web1" is no-channels' })
  await oldAgent(stage)
  const { commands } = JSON.parse((await ask()).stdout.toString()) as { commands: readonly unknown[] }
  t.match(commands, [
    { name: 'power', kind: 'ovirt', usage: /^shutdown\|reboot / },
    { name: 'session' },
    { name: 'ovirt-lifecycle' },
    { name: 'ovirt-refresh' },
    { name: 'ovirt-echo' },
  ])
})

test('an agent of ours tells how it ended', async (t) => {
  const stage = await hostStage(t)
  const judge = testJudge(({ command }) =>
    command === 'session'
      ? { kind: 'deny', rule: testRule({}, 'deny'), reason: 'nobody locks this screen' }
      : { kind: 'allow', rule: testRule() },
  )
  const guest = await testAgent(t, { side: 'guest', judge })
  writeCommand({ folder: guest.folder, name: 'power', script: 'exit 0' })
  const port = await stage.plug()
  const mount = new Mount(
    { dialect: 'ovirt', exchange: 'lines', channel: 'ovirt-guest-agent.0' },
    {
      ...{ side: 'guest', clock: stage.clock, log: silentLog },
      serve: (call) => guest.agent.servePeer(call, { kind: 'host' }),
      openChannel: async () => await Promise.resolve(port),
    },
  )
  t.teardown(async () => await mount.close())
  // Two heartbeats, and both know what they have in common.
  while (stage.agent.peers()[0]?.commands === undefined) await stage.clock.advance(5_000)
  await stage.clock.advance(5_000)
  t.same(await stage.run('power', 'reboot'), { result: { kind: 'exited', code: 0 }, words: '' })
  const locked = await stage.run('session', 'lock')
  t.same(locked.result, { kind: 'exited', code: 1 })
  t.match(
    locked.words,
    /^Cannot ask guest "web1" for "lock": its agent says: Cannot do "session": .*nobody locks this screen\n$/,
  )
})

test('what cannot be asked is said in one sentence, and nothing is sent', async (t) => {
  const stage = await hostStage(t)
  const unreachable = async (why: string, command = 'power'): Promise<void> => {
    const reason = `Cannot call "web1": ${why}`
    t.same(await stage.run(command, 'reboot'), { result: { kind: 'unreachable', reason }, words: '' })
  }
  const noChannels = 'its machine runs without our channels; `negotiator-host attach` adds them'
  await unreachable(noChannels)
  const end = new RecordedEnd(await stage.plug()).start()
  await settle()
  const before = end.received.length
  await unreachable(
    `${noChannels}; its oVirt agent cannot be asked either: it has said nothing for 120 s; is it running?`,
  )
  end.channel.write(Buffer.from('{"__name__": "heartbeat", "free-ram": "1"}\n'))
  await settle()
  const names = 'power, session, ovirt-lifecycle, ovirt-refresh, ovirt-echo'
  await unreachable(`${noChannels}; its oVirt agent can be asked for ${names} only`, 'df')
  stage.setObstacle('paused')
  await unreachable('its machine is paused')
  stage.setObstacle('no-channels')
  t.same(await stage.run('ovirt-lifecycle', 'before_migration'), {
    result: {
      kind: 'unreachable',
      reason:
        'Cannot ask guest "web1" for "lifecycle": its agent speaks API version 0, and this needs 3; upgrade the agent',
    },
    words: '',
  })
  t.equal(end.received.length, before)
  end.channel.close()
  await settle()
  await unreachable(`${noChannels}; its oVirt agent cannot be asked either: its channel is not connected`)
})

test('wrong arguments are told with what is wanted', async (t) => {
  const stage = await hostStage(t)
  const end = await oldAgent(stage)
  const before = end.received.length
  const power = 'shutdown|reboot [--delay SECONDS] [--message TEXT], or hibernate|suspend'
  const lifecycle = 'before_migration|after_migration|before_hibernation|after_hibernation [failure]'
  const cases: readonly (readonly [words: readonly [string, ...string[]], wanted: string])[] = [
    [['power'], power],
    [['power', 'halt'], power],
    [['power', 'reboot', 'now'], power],
    [['power', 'reboot', '--delay', '1h'], power],
    [['power', 'reboot', '--delay=-1'], power],
    [['power', 'reboot', '--delay', '604801'], power],
    [['power', 'hibernate', '--delay', '5'], power],
    [['power', 'suspend', '--message', 'bye'], power],
    [['power', 'reboot', '--dry-run'], power],
    [['session', 'lock', 'alice'], 'lock|log-off'],
    [['session', 'unlock'], 'lock|log-off'],
    [['ovirt-lifecycle', 'before_lunch'], lifecycle],
    [['ovirt-lifecycle', 'after_migration', 'failed'], lifecycle],
    [['ovirt-refresh', 'now'], 'no arguments'],
    [['ovirt-echo', 'x'], 'no arguments'],
  ]
  for (const [words, wanted] of cases)
    t.same(await stage.run(...words), {
      result: { kind: 'exited', code: 64 },
      words: `Cannot ask an oVirt agent for "${words[0]}" with these arguments: wanted ${wanted}\n`,
    })
  t.equal(end.received.length, before)
})

test('the policy of the host is asked, with the user and the guest', async (t) => {
  const stage = await hostStage(
    t,
    testJudge(({ caller, target, command, args }) => {
      const asked = { caller: caller.kind, target: target.kind === 'guest' && target.name, command, args }
      t.same(asked, { caller: 'program', target: 'web1', command: 'power', args: ['reboot'] })
      return { kind: 'deny', rule: testRule({}, 'deny'), reason: 'not on a Friday' }
    }),
  )
  const end = await oldAgent(stage)
  const before = end.received.length
  const denied = { kind: 'denied', reason: 'the policy of the host: not on a Friday' } as const
  t.same(await stage.run('power', 'reboot'), { result: denied, words: '' })
  t.equal(end.received.length, before)
  t.match(stage.audit.records, [{ command: 'power', target: { name: 'web1' }, result: denied }])
})

test('a call whose time is over, and one whose agent leaves, may have been done', async (t) => {
  const stage = await hostStage(t)
  const end = await oldAgent(stage)
  const late = stage.runFor(500, 'power', 'reboot')
  await stage.clock.advance(500)
  t.same((await late).result, {
    kind: 'timed-out',
    reason: "the call's time was over; what was asked for may be done all the same",
  })
  const lost = stage.run('power', 'reboot')
  await settle()
  end.channel.close()
  t.same((await lost).result, {
    kind: 'lost',
    reason:
      'Cannot ask guest "web1" for "reboot": its channel was closed before it answered; it may have been done',
  })
})

test('a call of another guest is not passed on to an agent that cannot be told whose it is', async (t) => {
  const stage = await hostStage(t)
  const end = await oldAgent(stage)
  const before = end.received.length
  const request = { ask: 'run', target: 'web1', command: 'power', args: ['reboot'], hasStdin: false } as const
  const call = new CollectedCall({ request, outputBytesMax: 1024 })
  stage.agent.servePeer(call, { kind: 'guest', name: 'db1' })
  t.match((await call.ended).result, { kind: 'unreachable' })
  t.equal(end.received.length, before)
  t.match(stage.audit.records, [{ direction: 'relay', via: undefined, command: 'power' }])
})
