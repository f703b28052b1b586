import { test } from 'tap'
import type { IncomingCall } from '../call/call.js'
import { pairedChannels } from '../channel/paired-channels.js'
import { OldPeer, messageOf } from '../dialects/classic/old-peer.js'
import { FakeClock, settle } from '../fake-clock.js'
import { heartbeatDeadMs } from '../limits.js'
import { classicOutputBytesMax, earlyLetterSettleMs } from '../dialects/dialect-limits.js'
import { writeCommand } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'
import { testAgent, untilSeen } from './test-agents.js'
import type { Side } from './paths.js'
import { channelCable, plugIn, testLink } from './test-links.js'
import type { ChannelCable } from './test-links.js'
import { systemClock } from '../clock.js'

interface Stage {
  readonly cable: ChannelCable
  /** A python-negotiator's program at the other end. */
  readonly old: OldPeer
  readonly folder: string
}

/** One of our daemons, and an old program that calls it. */
async function setStage(t: Teardown, side: Side = 'host'): Promise<Stage> {
  const { agent, folder } = await testAgent(t, { side })
  const cable = channelCable()
  const isHost = side === 'host'
  const name = isHost ? 'web1' : 'host'
  const link = agent.addPeer({ name, caller: isHost ? { kind: 'guest', name } : { kind: 'host' } })
  t.teardown(plugIn(link, { cable, end: side }))
  const old = new OldPeer(isHost ? cable.guestToHost.right : cable.hostToGuest.left)
  writeCommand({ folder, name: 'greet', script: 'echo "Hello $1!"; echo unseen >&2' })
  return { cable, old, folder }
}

for (const side of ['host', 'guest'] as const) {
  test(`our ${side}'s daemon serves an old program as its own daemon would`, async (t) => {
    const { old, folder } = await setStage(t, side)
    writeCommand({ folder, name: 'lines', script: 'printf "one\\ntwo\\n"' })
    writeCommand({ folder, name: 'fail', script: 'exit 3' })
    writeCommand({ folder, name: 'die', script: 'kill -9 $$' })
    writeCommand({ folder, name: 'who', script: 'echo "${NEGOTIATOR_GUEST-nobody}"' })
    writeCommand({ folder, name: 'read', script: 'cat' })
    writeCommand({ folder, name: 'binary', script: String.raw`printf '\377\376'` })
    const names = ['binary', 'die', 'fail', 'greet', 'lines', 'read', 'who']
    // The folder is watched, and told of a moment after it has changed.
    let listed: unknown
    do listed = await old.call('list_commands')
    while ((listed as { result: string[] }).result.length < names.length)
    t.same(listed, { success: true, result: names })
    const execute = async (...args: readonly string[]): Promise<unknown> =>
      await old.call('execute', args, { capture: true })
    t.same(await execute('greet', 'wor ld'), { success: true, result: 'Hello wor ld!' })
    t.same(await execute('/anywhere/greet', 'Grüße'), { success: true, result: 'Hello Grüße!' })
    t.same(await execute('lines'), { success: true, result: 'one\ntwo\n' })
    t.same(await execute('who'), { success: true, result: side === 'host' ? 'web1' : 'nobody' })
    t.same(await old.call('execute', ['read'], { input: ' a\nb é' }), { success: true, result: ' a\nb é' })
    t.same(await execute('read'), { success: true, result: '' })
    t.same(await execute('fail', "it's"), {
      success: false,
      error: `External command failed with exit code 3!\n\nCommand:\nfail 'it'"'"'s'`,
    })
    t.same(await execute('die'), {
      success: false,
      error: 'External command failed with exit code -9!\n\nCommand:\ndie',
    })
    t.same(await execute('missing'), {
      success: false,
      error: "External command isn't available!\n\nCommand:\nmissing",
    })
    t.same(await execute('binary'), {
      success: false,
      error: 'The output of binary is not text, and this protocol carries nothing else; upgrade the caller',
    })
    t.same(await old.call('prepare_environment'), { success: true, result: null })
    t.equal(old.diedOf, undefined)
  })
}

test('no other method can be called, and no bad request does harm', async (t) => {
  const { old } = await setStage(t)
  for (const method of [
    'raw_write',
    'read',
    'conn_handle',
    '__class__',
    '_x',
    'constructor',
    'negotiator-sync-1',
  ])
    t.same(await old.call(method, ['x']), { success: false, error: `Method ${method} not supported` })
  old.send({ args: [] })
  t.same(await old.next(), { success: false, error: 'Method None not supported' })
  t.same(await old.call('execute', []), { success: false, error: 'The name of a command is missing' })
  t.same(await old.call('execute', ['greet', 1]), {
    success: false,
    error: 'The arguments of execute must be strings',
  })
  t.same(await old.call('execute', ['greet'], { input: 1 }), {
    success: false,
    error: 'The input of execute must be a string',
  })
  t.same(await old.call('execute', ['greet', 'again']), { success: true, result: 'Hello again!' })
})

test('a server says nothing before it is asked, and nothing to garbage', async (t) => {
  const { old } = await setStage(t)
  let heard: unknown
  void old.next().then((message) => (heard = message))
  for (const garbage of [
    '\n',
    'no count\n',
    '12\nno json here',
    '\u0000\u00f5ngt',
    '{"method": "list_commands"}',
  ])
    old.write(garbage)
  await settle()
  t.equal(heard, undefined)
  old.send({ method: 'prepare_environment' })
  await settle()
  t.same(heard, { success: true, result: null })
})

test('requests are understood byte by byte, behind fragments and one after another', async (t) => {
  const { old } = await setStage(t)
  const request = messageOf({ args: ['greet', 'é'], method: 'execute', kw: {} })
  for (const byte of Buffer.from(request)) old.write(Buffer.from([byte]))
  t.same(await old.next(), { success: true, result: 'Hello é!' })
  for (const length of [1, 3, 10, request.length - 3]) {
    old.write(request.slice(0, length))
    await settle()
    old.write('\n')
    t.same(await old.call('execute', ['greet', String(length)]), {
      success: true,
      result: `Hello ${length}!`,
    })
  }
  for (const name of ['a', 'b', 'c']) old.send({ method: 'execute', args: ['greet', name] })
  t.same(
    [await old.next(), await old.next(), await old.next()].map(
      (answer) => (answer as { result: string }).result,
    ),
    ['Hello a!', 'Hello b!', 'Hello c!'],
  )
})

test('16 MiB of output are one answer, and a byte more is said to be too much', async (t) => {
  const { old, folder } = await setStage(t)
  writeCommand({ folder, name: 'long', script: `head -c "$1" /dev/zero | tr '\\0' '\\n'` })
  const { result } = (await old.call('execute', ['long', String(classicOutputBytesMax)])) as {
    result: string
  }
  t.equal(result.length, 0, 'blanks alone are nothing, as ever')
  writeCommand({ folder, name: 'longer', script: `head -c "$1" /dev/zero | tr '\\0' 'x'` })
  const whole = (await old.call('execute', ['longer', String(classicOutputBytesMax)])) as { result: string }
  t.equal(whole.result.length, classicOutputBytesMax)
  t.same(await old.call('execute', ['longer', String(classicOutputBytesMax + 1)]), {
    success: false,
    error:
      'The output of longer is longer than 16777216 bytes, the most that this protocol can carry; upgrade the caller to stream it',
  })
})

test('an answer that nobody waits for any more is not given to the next program', async (t) => {
  const { old, folder } = await setStage(t)
  const fifo = `${folder}/../gate`
  writeCommand({ folder, name: 'make', script: `mkfifo ${fifo}` })
  writeCommand({
    folder,
    name: 'slow',
    script: `read line < ${fifo}; echo slow; echo "$line" > ${folder}/../done`,
  })
  writeCommand({
    folder,
    name: 'go',
    script: `echo on > ${fifo}; while [ ! -e ${folder}/../done ]; do sleep 0.01; done`,
  })
  await old.call('execute', ['make'])
  old.send({ method: 'execute', args: ['slow'] })
  await new Promise<void>((resolve) => void systemClock.setTimer(1_100, resolve))
  t.same(
    await old.call('execute', ['greet', 'you']),
    { success: true, result: 'Hello you!' },
    'the old program has left',
  )
  t.same(await old.call('execute', ['go']), { success: true, result: '' }, 'and what it began went on')
  t.same(await old.call('execute', ['greet', 'him']), { success: true, result: 'Hello him!' })
})

test('a native peer follows an old program on the same channel, and the other way round', async (t) => {
  const { agent, folder } = await testAgent(t, { side: 'host' })
  writeCommand({ folder, name: 'greet', script: 'echo "Hello $1!"' })
  const link = agent.addPeer({ name: 'web1', caller: { kind: 'guest', name: 'web1' } })
  const cable = channelCable()
  t.teardown(plugIn(link, { cable, end: 'host' }))
  const old = new OldPeer(cable.guestToHost.right)
  t.same(await old.call('execute', ['greet', 'old']), { success: true, result: 'Hello old!' })
  const next = channelCable()
  t.teardown(plugIn(link, { cable: next, end: 'host' }))
  const guest = testLink({ name: 'host', clock: systemClock })
  const unplug = plugIn(guest, { cable: next, end: 'guest' })
  t.teardown(unplug)
  await untilSeen(agent, () => link.counters.server.sessions === 1)
  t.equal(guest.state, 'ready')
})

test('an old request ends the session of a native peer that is there no more', async (t) => {
  const clock = new FakeClock()
  const cable = channelCable()
  const served: IncomingCall[] = []
  const host = testLink({ name: 'web1', clock, serve: (call) => void served.push(call) })
  const guest = testLink({ name: 'host', clock })
  t.teardown(plugIn(host, { cable, end: 'host' }))
  t.teardown(plugIn(guest, { cable, end: 'guest' }))
  await settle()
  t.equal(guest.state, 'ready')
  cable.guestToHost.right.write(Buffer.from(messageOf({ method: 'execute', args: ['greet'] })))
  await settle()
  t.match(served.at(-1)?.request, { ask: 'run', command: 'greet' })
  served.at(-1)?.finish({ kind: 'exited', code: 0 })
  await clock.advance(2 * heartbeatDeadMs)
  t.same([guest.state, host.counters.server.sessions], ['ready', 2], 'and if it is there, it begins another')
})

test('an answer that its channel could not take at once is given once, to who asked', async (t) => {
  const clock = new FakeClock()
  const link = testLink({ name: 'web1', clock })
  const attach = (): { readonly old: OldPeer; readonly leave: () => void } => {
    const { left, right } = pairedChannels({ capacityBytes: 1 })
    void link.use({ role: 'server', channel: left, signal: new AbortController().signal })
    return { old: new OldPeer(right), leave: () => right.close() }
  }
  const refusal = { success: false, error: 'Method fly not supported' }
  const first = attach()
  t.same(await first.old.call('fly'), refusal)
  await settle()
  first.leave()
  await settle()
  const { old } = attach()
  let heard: unknown
  const hears = old.next().then((message) => (heard = message))
  await clock.advance(earlyLetterSettleMs)
  t.equal(heard, undefined)
  old.send({ method: 'fly' })
  await hears
  t.same(heard, refusal)
})
