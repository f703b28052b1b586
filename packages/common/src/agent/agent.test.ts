import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { readLane } from '../session/session-pair.js'
import { writeCommand } from '../test-folder.js'
import { version } from '../version.js'
import { joinedAgents, testAgent, untilSeen } from './test-agents.js'

const request = { ask: 'run', args: [], hasStdin: false } as const

test('two daemons call each other', async (t) => {
  const { host, guest, toGuest, toHost } = await joinedAgents(t, { name: 'web1', uuid: '6d1f' })
  writeCommand({ folder: guest.folder, name: 'who-calls', script: 'echo "$NEGOTIATOR_CALLER"' })
  writeCommand({
    folder: host.folder,
    name: 'who-calls',
    script: 'echo "$NEGOTIATOR_GUEST $NEGOTIATOR_CALLER_UUID"',
  })

  const inGuest = toGuest.open({ ...request, command: 'who-calls' })
  const fromGuest = readLane(inGuest.stdout)
  t.same(await inGuest.result, { kind: 'exited', code: 0 })
  t.equal(fromGuest.text, 'host\n')

  const onHost = toHost.open({ ...request, command: 'who-calls' })
  const fromHost = readLane(onHost.stdout)
  t.same(await onHost.result, { kind: 'exited', code: 0 })
  t.equal(fromHost.text, 'web1 6d1f\n')
})

test("each daemon sees the other's commands come and go", async (t) => {
  const { host, guest, toGuest } = await joinedAgents(t)
  const names = (): string => (toGuest.commands ?? []).map(({ name }) => name).join(' ')
  t.equal(names(), '')
  writeCommand({ folder: guest.folder, name: 'hello', script: 'exit 0' })
  await untilSeen(host.agent, () => names() === 'hello')
  writeCommand({ folder: guest.folder, name: 'apple', script: 'exit 0' })
  await untilSeen(host.agent, () => names() === 'apple hello')
  rmSync(join(guest.folder, 'hello'))
  await untilSeen(host.agent, () => names() === 'apple')
  t.pass('all three changes were told')
})

test('a directory lists its peers by name, by name', async (t) => {
  const { agent } = await testAgent(t, { side: 'host' })
  for (const [name, uuid] of [
    ['web2', 'b'],
    ['db', undefined],
    ['web1', 'a'],
  ] as const) {
    agent.addPeer({ name, uuid, caller: { kind: 'guest', name } })
  }
  t.same(
    agent.peers().map(({ name }) => name),
    ['db', 'web1', 'web2'],
  )
})

test('a directory tells when a peer comes, changes or goes, until its subscriber leaves', async (t) => {
  const host = await testAgent(t, { side: 'host' })
  const seen: string[] = []
  const unsubscribe = host.agent.subscribe(() =>
    seen.push(
      host.agent
        .peers()
        .map(({ state }) => state)
        .join(' '),
    ),
  )
  const { toGuest, unplug } = await joinedAgents(t, { host })
  await unplug()
  host.agent.removePeer(toGuest)
  t.same([...new Set(seen)], ['connecting', 'silent', 'ready', ''])
  t.same(host.agent.peers(), [])

  const before = seen.length
  unsubscribe()
  host.agent.addPeer({ name: 'web2', caller: { kind: 'guest', name: 'web2' } })
  t.equal(seen.length, before)
})

test('a subscriber may leave while it is told', async (t) => {
  const { agent } = await testAgent(t, { side: 'host' })
  const seen: string[] = []
  const leave = agent.subscribe(() => {
    seen.push('first')
    leave()
  })
  agent.subscribe(() => seen.push('second'))
  agent.addPeer({ name: 'web1', caller: { kind: 'guest', name: 'web1' } })
  agent.addPeer({ name: 'web2', caller: { kind: 'guest', name: 'web2' } })
  t.same(seen, ['first', 'second', 'second'])
})

test('status() tells of the daemon and its commands, refused ones with the reason', async (t) => {
  const { host, guest, toGuest } = await joinedAgents(t)
  writeCommand({ folder: guest.folder, name: 'refused', script: 'exit 0', mode: 0o644 })
  writeCommand({ folder: guest.folder, name: 'hello', script: 'exit 0' })
  await untilSeen(host.agent, () => toGuest.commands?.length === 1)
  const { residentBytes, ...status } = guest.agent.status()
  t.ok(Number(residentBytes) > 1024 * 1024)
  t.same(status, {
    side: 'guest',
    version,
    instance: guest.agent.hello.instance,
    processId: process.pid,
    calls: [],
    commands: ['hello'],
    refused: [
      { name: 'refused', path: join(guest.folder, 'refused'), reason: 'it is not executable; chmod +x it' },
    ],
  })
})

test('status() goes without the memory where /proc cannot be seen', async (t) => {
  const { host } = await joinedAgents(t)
  const { memoryUsage } = process
  const hidden = Object.assign(() => memoryUsage(), {
    rss: () => {
      throw new Error('ENOENT: no such file or directory, uv_resident_set_memory')
    },
  })
  t.equal(typeof host.agent.status()['residentBytes'], 'number')
  process.memoryUsage = hidden
  t.teardown(() => (process.memoryUsage = memoryUsage))
  t.match(host.agent.status(), { side: 'host', residentBytes: undefined })
})
