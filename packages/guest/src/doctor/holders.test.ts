import { hostToGuest } from '@negotiator/common'
import { testStatus, TestProcesses } from '@negotiator/common/testing'
import { closeSync, openSync } from 'node:fs'
import { test } from 'tap'
import { holdersCheck } from './holders.js'
import { TestGuest } from './test-guest-scene.js'

const answering = { kind: 'answers', status: testStatus() } as const

test('ports that the daemon holds are well, and others are told what they will hear', async (t) => {
  const guest = new TestGuest(t)
  const descriptors = guest.addPorts().map((path) => openSync(path, 'r+'))
  t.teardown(() => descriptors.forEach((descriptor) => closeSync(descriptor)))
  t.match(await holdersCheck.look(await guest.scene({ daemon: answering })), [
    {
      severity: 'ok',
      found: new RegExp(
        `^the daemon \\(process ${process.pid}\\) holds .*vport0p1 and .*vport0p2; .*python-negotiator`,
      ),
    },
  ])
})

test('another process that holds a port is named, until it ends', async (t) => {
  const guest = new TestGuest(t)
  const device = guest.addPort(hostToGuest, 'vport0p1')
  const processes = new TestProcesses(t)
  const holder = await processes.start(`exec 9<>${device}`)
  const look = async () =>
    await holdersCheck.look(await guest.scene({ daemon: { kind: 'missing' }, processes: processes.now }))
  t.match(await look(), [
    {
      severity: 'error',
      code: 'port-held',
      found: `sh (process ${holder.id}) holds the port "${hostToGuest}" (${device})`,
      mend: new RegExp(`^kill ${holder.id} `),
    },
  ])
  await holder.end()
  t.same(await look(), [])
})

test("python-negotiator's daemon on a port is called what it is", async (t) => {
  const guest = new TestGuest(t)
  const device = guest.addPort(hostToGuest, 'vport0p1')
  const processes = new TestProcesses(t)
  const holder = await processes.start(`exec 9<>${device}`)
  const scene = await guest.scene({ daemon: answering, processes: processes.now })
  const [found] = await processes.now.openersOf(device)
  if (found === undefined) throw new Error('nobody holds it')
  const argv = ['/usr/bin/python3', '/usr/bin/negotiator-guest', '--daemon']
  scene.processes.openersOf = async () => await Promise.resolve([{ ...found, argv }])
  t.match(await holdersCheck.look(scene), [
    { code: 'port-held', found: /: python-negotiator$/, mend: new RegExp(`kill ${holder.id}\\)`) },
  ])
})

test('the holder of a hung daemon is the daemon', async (t) => {
  const guest = new TestGuest(t)
  const device = guest.addPort(hostToGuest, 'vport0p1')
  const processes = new TestProcesses(t)
  await processes.start(`exec 9<>${device}`, '/usr/bin/negotiator-guest', 'daemon')
  const scene = await guest.scene({ daemon: { kind: 'hung' }, processes: processes.now })
  t.match(await holdersCheck.look(scene), [{ severity: 'ok' }])
})

test('a port that the running daemon does not hold is told', async (t) => {
  const guest = new TestGuest(t)
  guest.addPort(hostToGuest, 'vport0p1')
  const [finding] = await holdersCheck.look(await guest.scene({ daemon: answering }))
  // Who is not root cannot tell.
  const code = process.geteuid?.() === 0 ? 'port-not-open' : 'holders-hidden'
  t.match(finding, { code })
})
