/** What oVirt's own guest agent did badly, one test for each: none of it is here. */
import { test } from 'tap'
import { legacyLineBytesMax } from '../dialect-limits.js'
import { LineEnd, TestGuest } from './test-guest.js'

interface Stage {
  readonly stage: TestGuest
  readonly host: LineEnd
}

/** A guest whose host speaks version 3; what it told at first is read. */
async function negotiated(options: { capacityBytes?: number; chunkBytesMax?: number } = {}): Promise<Stage> {
  const stage = new TestGuest()
  const host = new LineEnd(stage.plug(options))
  await host.say({ __name__: 'api-version', apiVersion: 3 })
  await host.lines()
  stage.called.length = 0
  return { stage, host }
}

function lifecycle(type: unknown, id = 'r4'): object {
  return { __name__: 'lifecycle-event', type, reply_id: id }
}

test('a hook that fails is told as failed, with its own words', async (t) => {
  const { stage, host } = await negotiated()
  await host.say(lifecycle('before_migration'))
  t.same(await host.lines(), ['{"__name__": "completion", "reply_id": "r4", "done": true}'])
  stage.answers.set('ovirt-lifecycle', { result: { kind: 'exited', code: 3 }, stderr: 'the disk is busy\n' })
  await host.say(lifecycle('before_migration'))
  t.same(await host.lines(), [
    '{"__name__": "completion", "reply_id": "r4", "done": false, "failure": ' +
      '"Cannot do \\"ovirt-lifecycle\\": it ended with exit status 3: the disk is busy"}',
  ])
  await stage.unplug()
})

test('every lifecycle event completes: missing hooks, denied ones, killed ones, late ones', async (t) => {
  const { stage, host } = await negotiated()
  stage.answers.delete('ovirt-lifecycle')
  await host.say(lifecycle('after_hibernation'))
  t.match((await host.lines())[0], /"done": false, "failure": ".*there is no command .*ovirt-lifecycle/)
  for (const result of [
    { kind: 'denied', reason: 'no rule allows it' },
    { kind: 'signalled', signal: 'SIGKILL' },
    { kind: 'timed-out', reason: 'the command was ended after 60000 ms' },
  ] as const) {
    stage.answers.set('ovirt-lifecycle', { result })
    await host.say(lifecycle('after_hibernation'))
    t.match((await host.lines())[0], /"reply_id": "r4", "done": false/)
  }
  await stage.unplug()
})

test('a type of event that nobody knows, or that names a method, runs nothing and completes', async (t) => {
  const { stage, host } = await negotiated()
  const types = [
    'before_lunch',
    'dispatch',
    '__init__',
    'constructor',
    'toString',
    '__proto__',
    '../x',
    7,
    null,
  ]
  for (const type of types) {
    await host.say(lifecycle(type))
    t.match((await host.lines())[0], /"done": false, "failure": "Cannot run hooks: the type must be one of/)
  }
  t.same(stage.called, [])
  await stage.unplug()
})

test('a message that names a method of ours is an unknown one', async (t) => {
  const { stage, host } = await negotiated()
  for (const name of ['constructor', '__proto__', 'hasOwnProperty', 'toString', '']) {
    await host.say({ __name__: name, reply_id: 'r5' })
    t.match((await host.lines())[0], /"reply_id": "r5", "done": false/, name)
  }
  await stage.unplug()
})

test('whatever has a reply_id is answered, done or not', async (t) => {
  const { stage, host } = await negotiated()
  stage.answers.set('power', { result: { kind: 'exited', code: 69 }, stderr: 'no swap' })
  await host.say(
    { __name__: 'lock-screen', reply_id: 1 },
    { __name__: 'hibernate', state: 'disk', reply_id: 2 },
    { __name__: 'hibernate', state: 'jelly', reply_id: 3 },
    { __name__: 'make-tea', reply_id: 4 },
  )
  const ends = (await host.lines()).map((line) => JSON.parse(line) as { reply_id: number; done: boolean })
  t.same(
    new Map(ends.map(({ reply_id: id, done }) => [id, done])),
    new Map([
      [1, true],
      [2, false],
      [3, false],
      [4, false],
    ]),
  )
  await stage.unplug()
})

test('garbage is told in the log, and what follows is read', async (t) => {
  const { stage, host } = await negotiated()
  await host.say(
    'not json',
    '[]',
    '{"no": "name"}',
    `"${'x'.repeat(2 * 1024 * 1024)}"`,
    'y'.repeat(legacyLineBytesMax + 1),
  )
  await host.say({ __name__: 'echo', still: 'here' })
  t.same(await host.lines(), ['{"__name__": "echo", "still": "here"}'])
  for (const reason of ['it is not JSON', 'it is no JSON object', 'is no text', 'longer than 1048576 bytes'])
    t.ok(
      stage.logged.some(
        (line) => line.includes('A message of the oVirt host was ignored') && line.includes(reason),
      ),
      reason,
    )
  t.equal(
    stage.logged.filter((line) => line.includes('longer than')).length,
    2,
    'what was held, and what was not',
  )
  await stage.unplug()
})

test('a password is never shown, neither in the log nor to a command, and login is refused', async (t) => {
  const { stage, host } = await negotiated()
  await host.say({ __name__: 'login', username: 'u@dom', password: 'hunter2', reply_id: 'r6' })
  await host.say('{"__name__": "login", "username": "u@dom", "password": "hunter2"')
  await host.say({ __name__: 'log-in', password: 'hunter2' })
  const lines = await host.lines()
  t.equal(lines.length, 1)
  t.match(
    lines[0],
    /"reply_id": "r6", "done": false, "failure": "Cannot log in: this guest takes no passwords/,
  )
  t.ok(stage.logged.some((line) => line.includes('Cannot log in')))
  t.notMatch([...stage.logged, ...lines, ...stage.called.flat()].join('\n'), /hunter2/)
  t.same(stage.called, [])
  await stage.unplug()
})

test('a message at shutdown is one argument, whatever is in it', async (t) => {
  const { stage, host } = await negotiated()
  await host.say({ __name__: 'shutdown', timeout: 61, message: 'x"; rm -rf / #\n\'--now', reboot: 'False' })
  t.same(stage.called, [['power', 'shutdown', '--delay', '61', '--message', 'x"; rm -rf / #\n\'--now']])
  await stage.unplug()
})

test('slow commands hold up neither echo nor heartbeats nor each other', async (t) => {
  const stage = new TestGuest()
  for (const command of ['power', 'ovirt-lifecycle', 'containers', 'host-name', 'memory-stats'])
    stage.answers.set(command, 'never')
  const host = new LineEnd(stage.plug())
  t.ok((await host.names()).includes('applications'))
  await host.say({ __name__: 'shutdown' }, lifecycle('before_migration'), { __name__: 'echo', n: 1 })
  t.same(await host.lines(), ['{"__name__": "echo", "n": 1}'])
  await stage.clock.advance(10_000)
  t.same(await host.lines(), [
    '{"__name__": "heartbeat", "free-ram": "0", "apiVersion": 0}',
    '{"__name__": "heartbeat", "free-ram": "0", "apiVersion": 3}',
  ])
  const asked = stage.called.filter(([command]) => command === 'memory-stats' || command === 'host-name')
  t.equal(asked.length, 2, 'what does not answer is not asked again meanwhile')
  await stage.unplug()
})

test('a host that asks for more than is done at once is told so', async (t) => {
  const { stage, host } = await negotiated()
  stage.answers.set('ovirt-lifecycle', 'never')
  for (let id = 0; id <= 16; id += 1) await host.say(lifecycle('before_migration', `r${id}`))
  t.same(await host.lines(), [
    '{"__name__": "completion", "reply_id": "r16", "done": false, "failure": ' +
      '"Cannot do \\"ovirt-lifecycle\\": busy with 16 other things; ask again later"}',
  ])
  await stage.unplug()
})

test('a host that does not read costs no memory, and is told everything once it does', async (t) => {
  const stage = new TestGuest({ periods: { heartbeatMs: 100 } })
  const channel = stage.plug({ capacityBytes: 100 })
  channel.hold()
  const host = new LineEnd(channel)
  await stage.clock.advance(200_000)
  await host.say(...Array.from({ length: 100 }, (_none, id) => ({ __name__: 'make-tea', reply_id: id })))
  t.same(await host.lines(), [])
  channel.release()
  const kept = await host.lines()
  t.ok(kept.length < 1_000, 'the second half of 2,000 heartbeats was dropped')
  await stage.clock.advance(100)
  const names = await host.names()
  for (const name of ['heartbeat', 'host-name', 'disks-usage', 'applications'])
    t.ok(names.includes(name), name)
  await stage.unplug()
})

test('messages stay whole on a channel that takes and gives little at once', async (t) => {
  const { stage, host } = await negotiated({ capacityBytes: 16, chunkBytesMax: 3 })
  const texts = Array.from({ length: 20 }, (_none, id) => ({ __name__: 'echo', text: 'ü'.repeat(50), id }))
  await host.say(...texts)
  for (let round = 0; round < 40; round += 1) await stage.clock.advance(0)
  const echoed = (await host.lines()).map((line) => JSON.parse(line) as unknown)
  t.same(echoed, texts)
  await stage.unplug()
})

test("docker's interface, and containers that are as they were, are not told again and again", async (t) => {
  const { stage, host } = await negotiated()
  await stage.clock.advance(119_000)
  const lines = await host.lines()
  t.notOk(lines.some((line) => line.includes('"containers"') || line.includes('network-interfaces')))
  await stage.clock.advance(1_000)
  const told = (await host.lines()).filter((line) => line.includes('network-interfaces'))
  t.equal(told.length, 1)
  t.notMatch(told[0], /docker0|"lo"|eth1/)
  await stage.unplug()
})
