import { guestToHost, hostToGuest } from '@negotiator/common'
import { testStatus } from '@negotiator/common/testing'
import { test } from 'tap'
import { portsCheck } from './ports.js'
import { TestGuest } from './test-guest-scene.js'

test('two ports with their nodes are well', async (t) => {
  const guest = new TestGuest(t)
  const [first, second] = guest.addPorts()
  t.same(await portsCheck.look(await guest.scene()), [
    { severity: 'ok', found: `the port "${hostToGuest}" is there (${first})` },
    { severity: 'ok', found: `the port "${guestToHost}" is there (${second})` },
  ])
})

test('a port of another name is told, with those that there are', async (t) => {
  const guest = new TestGuest(t)
  guest.addPort(hostToGuest, 'vport0p1')
  guest.addPort('negotiator-guest-to-host', 'vport0p2')
  guest.addPort('org.qemu.guest_agent.0', 'vport0p3')
  const [, missing] = await portsCheck.look(await guest.scene())
  t.match(missing, {
    severity: 'error',
    code: 'port-missing',
    found:
      `the machine has no port "${guestToHost}"; it has ${hostToGuest}, negotiator-guest-to-host, ` +
      'org.qemu.guest_agent.0; did you mean "negotiator-guest-to-host"?',
  })
})

test('a port without its node is told, with the line that makes it, and turns green', async (t) => {
  const guest = new TestGuest(t)
  const [first = ''] = guest.addPorts()
  guest.remove('dev/vport0p1')
  t.match(await portsCheck.look(await guest.scene()), [
    { severity: 'error', code: 'port-node-missing', mend: new RegExp(`^mknod -m 600 ${first} c 245 1\n`) },
    { severity: 'ok' },
  ])
  guest.write('dev/vport0p1')
  t.match(await portsCheck.look(await guest.scene()), [{ severity: 'ok' }, { severity: 'ok' }])
})

test('a port of another user than the daemon is told', async (t) => {
  const guest = new TestGuest(t)
  guest.addPorts()
  const scene = await guest.scene({ daemon: { kind: 'answers', status: testStatus() } })
  const daemon = await scene.processes.find(process.pid)
  if (daemon === undefined) throw new Error('We are gone')
  scene.processes.find = async () => await Promise.resolve({ ...daemon, userId: 4242 })
  t.match(await portsCheck.look(scene), [
    { severity: 'warning', code: 'port-denied', found: /and the daemon runs as user 4242$/ },
    { code: 'port-denied' },
  ])
})

test('without any port another check tells why', async (t) => {
  t.same(await portsCheck.look(await new TestGuest(t).scene()), [])
})
