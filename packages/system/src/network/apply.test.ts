import { lstatSync, readlinkSync } from 'node:fs'
import { Readable } from 'node:stream'
import { test } from 'tap'
import { asModule } from '../as-module.js'
import { command } from './apply-network.js'
import { changeFolder } from './scripts.js'
import { call, ownPath, record, refused, setGuest } from './test-guest.js'

test('apply-network rolls back at once when a tool fails', async (t) => {
  const guest = setGuest(t)
  guest.addTool('networkctl', `[ -e "$root${ownPath}" ] || exit 0; echo "no carrier" >&2; exit 3`)
  t.match(
    await call(guest),
    refused(
      'Cannot apply the network: networkctl reload gave 3: no carrier; what was there before is there again\n',
      1,
    ),
  )
  t.notOk(guest.has(ownPath))
})

test('apply-network rolls back at once when an address does not come', async (t) => {
  const guest = setGuest(t)
  guest.addTool('networkctl', ':')
  t.match(
    await call(guest),
    refused(
      'Cannot apply the network: 192.0.2.42/24 on eth0, 2001:db8::42/64 on eth0 did not come; is the cable in?; what was there before is there again\n',
      1,
    ),
  )
  t.notOk(guest.has(ownPath))
})

test('apply-network tells what could not be put back', async (t) => {
  const guest = setGuest(t)
  guest.addTool('networkctl', 'echo "D-Bus is gone" >&2; exit 3')
  t.match((await call(guest)).stderr, /came back in part: D-Bus is gone; failed: .*networkctl reload/)
})

test('apply-network whose caller goes away in the middle is rolled back at once, by the watchdog', async (t) => {
  const guest = setGuest(t)
  guest.addTool(
    'networkctl',
    `[ -e "$root${ownPath}" ] || exit 0; echo x >"$root${changeFolder}/hangs"; exec sleep 100`,
  )
  const caller = new AbortController()
  const ended = asModule(
    command,
    guest.machine,
  )({
    args: [],
    caller: 'host',
    callerKind: 'host',
    stdin: Readable.from([Buffer.from(JSON.stringify([record]))]),
    signal: caller.signal,
    write: async () => Promise.resolve(),
    writeError: async () => Promise.resolve(),
  })
  await guest.until('hangs')
  caller.abort()
  await t.rejects(ended, { message: /aborted/ })
  await guest.until('rolled-back')
  t.notOk(guest.has(ownPath))
})

test('apply-network does without systemd where its tools are there, and it does not run', async (t) => {
  const guest = setGuest(t)
  guest.addTool('systemd-run', 'exit 1')
  t.match(await call(guest), { exitCode: 0 })
  t.notOk(guest.has('/etc/systemd/system'))
})

test('apply-network changes nothing without a watchdog', async (t) => {
  const guest = setGuest(t)
  guest.addSystemd('echo "no bus" >&2; exit 1')
  t.match(
    await call(guest),
    refused(
      'Cannot apply the network: the watchdog that would roll it back cannot be started, so nothing was changed: no bus\n',
      1,
    ),
  )
  t.notOk(guest.calls.some((line) => line.startsWith('networkctl')))
  t.notOk(guest.has(ownPath))
})

test('apply-network leaves a unit for a machine that is started anew, until it is confirmed', async (t) => {
  const guest = setGuest(t)
  const wanted = '/etc/systemd/system/sysinit.target.wants/negotiator-network-roll-back.service'
  guest.addSystemd(':')
  await call(guest)
  t.equal(readlinkSync(guest.root + wanted), '/etc/systemd/system/negotiator-network-roll-back.service')
  await call(guest, { args: ['confirm'] })
  t.throws(() => lstatSync(guest.root + wanted), { code: 'ENOENT' })
  t.notOk(guest.has('/etc/systemd/system/negotiator-network-roll-back.service'))
})

test('what a machine does at its start puts back the files, and runs no tool that needs a network', async (t) => {
  const guest = setGuest(t)
  guest.addSystemd(':')
  await call(guest)
  const callCount = guest.calls.length
  await guest.machine.run(
    'sh',
    [`${guest.root}${changeFolder}/roll-back.sh`, 'start', 'pending', 'rolling-back'],
    {
      signal: new AbortController().signal,
    },
  )
  t.notOk(guest.has(ownPath))
  t.equal(guest.calls.length, callCount)
  t.match((await call(guest, { args: ['show'] })).stdout, /^rolled-back: /)
})

test('apply-network show tells that nobody watches after a start without systemd', async (t) => {
  const guest = setGuest(t)
  guest.addSystemd(':')
  await call(guest)
  guest.write('/proc/sys/kernel/random/boot_id', 'boot-2\n')
  t.match(
    (await call(guest, { args: ['show'] })).stdout,
    /started anew since, so nobody watches: confirm it or roll it back\n$/,
  )
})
