import { test } from 'tap'
import type { SocketUse } from '@negotiator/common'
import { testStatus } from '@negotiator/common/testing'
import { attachedCheck } from './attached.js'
import { testGuest, testHostScene, testProcess, testUse } from './test-host-scene.js'

const daemon = { kind: 'answers', status: testStatus({ processId: 12 }) } as const
const ours = testProcess({ id: 12, program: 'negotiator-host under node' })
const withClient = (client: ReturnType<typeof testProcess>, waitingCount = 0): SocketUse =>
  testUse({ clients: [{ processes: [client] }], waitingCount })

test('a socket with the daemon on it is well', async (t) => {
  t.same(await attachedCheck.look(await testHostScene(t, { daemon, use: withClient(ours) })), [
    { severity: 'ok', guest: 'web1', found: 'the daemon is attached to negotiator-host-to-guest.0' },
    { severity: 'ok', guest: 'web1', found: 'the daemon is attached to negotiator-guest-to-host.0' },
  ])
})

test('somebody else on a socket is named, with the line that ends him', async (t) => {
  const scene = await testHostScene(t, { daemon, use: withClient(testProcess(), 1) })
  t.match(await attachedCheck.look(scene), [
    {
      severity: 'error',
      code: 'socket-taken',
      guest: 'web1',
      found: 'socat (process 4711) is attached to negotiator-host-to-guest.0 ("/run/guests/web1/a.sock")',
      why: /1 more wait in the queue/,
      mend: /^kill 4711 /,
    },
    { code: 'socket-taken', found: /negotiator-guest-to-host/ },
  ])
})

test('python-negotiator and a second daemon are called what they are', async (t) => {
  const python = testProcess({
    program: 'negotiator-host under python3',
    argv: ['/usr/bin/python3', '/usr/bin/negotiator-host', '--daemon'],
  })
  t.match(await attachedCheck.look(await testHostScene(t, { daemon, use: withClient(python) })), [
    { found: /^python-negotiator's negotiator-host under python3 \(process 4711\) is attached/ },
  ])
  const second = testProcess({ argv: ['node', '/usr/bin/negotiator-host', 'daemon'] })
  t.match(await attachedCheck.look(await testHostScene(t, { daemon, use: withClient(second) })), [
    { found: /^another negotiator-host daemon \(process 4711\) is attached/ },
  ])
  const down = await testHostScene(t, { daemon: { kind: 'hung' }, use: withClient(second) })
  t.match(await attachedCheck.look(down), [{ severity: 'ok' }, { severity: 'ok' }], 'it is the hung one')
})

test('a socket that nobody listens on is told', async (t) => {
  const scene = await testHostScene(t, { daemon, use: testUse({ isListening: false }) })
  t.match(await attachedCheck.look(scene), [
    {
      severity: 'error',
      code: 'socket-dead',
      found: /^nobody listens on the socket of negotiator-host-to-guest/,
    },
    { code: 'socket-dead' },
  ])
})

test('a socket that is free is told by nobody here', async (t) => {
  t.same(await attachedCheck.look(await testHostScene(t, { daemon })), [])
})

test('who cannot be seen is a note', async (t) => {
  const hidden = await testHostScene(t, { daemon, use: testUse({ clients: [{ processes: [] }] }) })
  t.match(await attachedCheck.look(hidden), [
    { severity: 'note', code: 'client-hidden', mend: 'sudo negotiator-host doctor' },
    { code: 'client-hidden' },
  ])
  const without = await testHostScene(t, { daemon, sockets: 'ss is not installed' })
  t.match(await attachedCheck.look(without), [
    { severity: 'note', code: 'sockets-hidden', found: /cannot be told: ss is not installed/ },
  ])
  t.same(await attachedCheck.look({ ...without, guests: [testGuest({ sockets: {} })] }), [])
})
