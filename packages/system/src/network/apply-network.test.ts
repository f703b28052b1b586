import { lstatSync, readlinkSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { Readable } from 'node:stream'
import { test } from 'tap'
import type { Test } from 'tap'
import { asModule } from '../as-module.js'
import { callCommand } from '../test-machine.js'
import type { Called } from '../test-machine.js'
import { command } from './apply-network.js'
import { changeFolder } from './scripts.js'
import { mac, TestGuest } from './test-guest.js'

const ownPath = '/etc/systemd/network/05-negotiator-eth0.network'
const earlier = ['203.0.113.9/24']
const record = {
  label: 'public',
  mac,
  gateway: '192.0.2.1',
  ips: [{ ip: '192.0.2.42', enabled: '1', netmask: '255.255.255.0' }],
  ip6s: [{ ip: '2001:db8::42', enabled: '1', netmask: 64 }],
}

interface Request {
  readonly args?: readonly string[]
  readonly records?: unknown
}

async function call(
  { machine }: TestGuest,
  { args = [], records = [record] }: Request = {},
): Promise<Called> {
  return await callCommand(command, { machine, args, stdin: JSON.stringify(records) })
}

/** Ends whatever watches in the end. */
function setGuest(t: Test, files: Readonly<Record<string, string>> = {}): TestGuest {
  const guest = new TestGuest(t, files)
  t.teardown(() => rmSync(guest.root + changeFolder, { recursive: true, force: true }))
  return guest
}

const refused = (sentence: string | RegExp, exitCode: number) => ({ exitCode, stdout: '', stderr: sentence })

test('apply-network gives the addresses, and confirm keeps them', async (t) => {
  const guest = setGuest(t)
  const { stdout, ...ending } = await call(guest)
  t.match(ending, { exitCode: 0, stderr: '' })
  t.equal(
    stdout,
    'eth0 has 192.0.2.42/24, 2001:db8::42/64 (systemd-networkd)\nIt is rolled back in 60 seconds unless you run "apply-network confirm"\n',
  )
  t.ok(guest.addresses.includes('192.0.2.42/24'))
  t.match(
    (await call(guest, { args: ['show'] })).stdout,
    /^pending: .* by host, with systemd-networkd\n(?:.*\n)*rolled back in 60 seconds/,
  )
  t.match(await call(guest, { args: ['confirm'] }), {
    exitCode: 0,
    stdout: 'Confirmed: the network stays as it is\n',
  })
  t.match(
    (await call(guest, { args: ['show', '--json'] })).stdout,
    /^\{"state":"confirmed","secondsLeft":null/,
  )
  t.ok(guest.read(ownPath)?.includes('Address=192.0.2.42/24'))
})

test('apply-network is rolled back by a process of its own when nobody confirms', async (t) => {
  const guest = setGuest(t)
  await call(guest, { args: ['--confirm-within', '5'] })
  // Nothing of ours runs but the watchdog; its clock is this file.
  guest.write('/proc/uptime', '1006.00 1.00\n')
  await guest.until('rolled-back')
  t.notOk(guest.has(ownPath))
  t.same(guest.addresses, earlier)
  t.match(await call(guest, { args: ['confirm'] }), {
    exitCode: 1,
    stderr: 'Cannot confirm the network: its time was over, and the earlier network is back or on its way\n',
  })
})

test('apply-network rollback undoes a change that is confirmed, too, and only once', async (t) => {
  const guest = setGuest(t)
  await call(guest)
  await call(guest, { args: ['confirm'] })
  t.match(await call(guest, { args: ['rollback'] }), {
    exitCode: 0,
    stdout: 'Rolled back: the earlier network is there again\n',
  })
  t.same(guest.addresses, earlier)
  t.match(
    await call(guest, { args: ['rollback'] }),
    refused('Cannot roll the network back: there is no change that is not rolled back already\n', 1),
  )
})

test('apply-network puts back each file as it was, with its mode', async (t) => {
  const guest = setGuest(t, {
    [ownPath]: 'not ours, and\nwithout an end',
    '/etc/resolv.conf': 'search a\nnameserver 203.0.113.53\n',
  })
  const mode = (): number => statSync(guest.root + ownPath).mode
  const before = mode()
  await call(guest, { records: { hostName: 'new', networks: [{ ...record, dns: ['192.0.2.53'] }] } })
  t.equal(guest.read('/etc/resolv.conf'), 'search a\nnameserver 192.0.2.53\n')
  t.equal(guest.read('/etc/hostname'), 'new\n')
  t.equal(guest.read('/proc/sys/kernel/hostname'), 'new\n')
  await call(guest, { args: ['rollback'] })
  t.equal(guest.read(ownPath), 'not ours, and\nwithout an end')
  t.equal(mode(), before)
  t.equal(guest.read('/etc/resolv.conf'), 'search a\nnameserver 203.0.113.53\n')
  t.notOk(guest.has('/etc/hostname'))
  t.equal(guest.read('/proc/sys/kernel/hostname'), 'old\n')
})

test('apply-network leaves a link at /etc/resolv.conf alone, which one agent destroyed', async (t) => {
  const guest = setGuest(t, { '/etc/resolv.conf': '-> /mnt/resolv.conf' })
  const { stdout } = await call(guest, { records: [{ ...record, dns: ['192.0.2.53'] }] })
  t.match(
    stdout,
    '/etc/resolv.conf is a link to /mnt/resolv.conf and was left alone; see to the name servers there\n',
  )
  t.equal(readlinkSync(`${guest.root}/etc/resolv.conf`), '/mnt/resolv.conf')
  await call(guest, { args: ['rollback'] })
  t.ok(lstatSync(`${guest.root}/etc/resolv.conf`).isSymbolicLink())
})

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

test('apply-network refuses a second change while one is pending', async (t) => {
  const guest = setGuest(t)
  await call(guest)
  t.match(
    await call(guest),
    refused(
      /^Cannot apply the network: the change of 2026-07-01T12:00:00.000Z is pending; run "apply-network confirm" or "apply-network rollback" first\n$/,
      1,
    ),
  )
})

test('apply-network changes nothing when all of it is there', async (t) => {
  const guest = setGuest(t)
  await call(guest)
  await call(guest, { args: ['confirm'] })
  const reloads = (): number => guest.calls.filter((line) => line.startsWith('networkctl')).length
  const before = reloads()
  t.match((await call(guest)).stdout, /Nothing changed: all of it was there; there is nothing to confirm\n$/)
  t.equal(reloads(), before)
})

test('apply-network --dry-run shows the files and the commands, and changes nothing', async (t) => {
  const guest = setGuest(t)
  const { stdout } = await call(guest, { args: ['--dry-run'] })
  t.match(stdout, /^# With systemd-networkd, nothing is changed now\n--- \/dev\/null\n/)
  t.match(stdout, /^\+Address=192\.0\.2\.42\/24$/m)
  t.match(stdout, /^\$ networkctl reconfigure eth0$/m)
  t.notOk(guest.has(ownPath))
  t.notOk(guest.has(changeFolder))
  t.same(guest.addresses, earlier)
  t.match(JSON.parse((await call(guest, { args: ['--dry-run', '--json'] })).stdout), {
    backend: 'systemd-networkd',
    files: [{ path: ownPath, difference: /^--- \/dev\/null/ }],
    commandsAfter: [
      'ip address flush dev eth0 scope global',
      'networkctl reload',
      'networkctl reconfigure eth0',
    ],
  })
})

test('apply-network --dry-run masks the passwords of the other interfaces', async (t) => {
  const yaml =
    'network:\n  wifis:\n    w0:\n      access-points:\n        a: {}\n      auth:\n        password: "hush"\n  ethernets:\n    eth0: {}\n'
  const guest = setGuest(t, { '/etc/netplan/a.yaml': yaml })
  guest.addTool('netplan', ':')
  const { stdout } = await call(guest, { args: ['--dry-run'] })
  t.match(stdout, 'password: ***')
  t.notMatch(stdout, /hush/)
})

test('apply-network says that ifup is missing instead of ending the agent', async (t) => {
  const guest = setGuest(t, { '/etc/network/interfaces': 'iface eth0 inet dhcp\n' })
  t.match(
    await call(guest, { args: ['--backend', 'ifupdown'] }),
    refused(
      'Cannot apply the network with ifupdown: ifup is not on this machine; name another with --backend\n',
      69,
    ),
  )
  guest.addTool('ifup', ':')
  t.match(
    (await call(guest)).stderr,
    /^Cannot apply the network with ifupdown: ifdown is not on this machine/,
  )
})

test('apply-network refuses a file that is a link', async (t) => {
  const guest = setGuest(t)
  symlinkSync('/mnt/x', guest.root + ownPath)
  t.match(
    (await call(guest)).stderr,
    /^Cannot apply the network: .*05-negotiator-eth0\.network is a symbolic link, and what it leads to/,
  )
})

for (const [args, sentence] of [
  [
    ['--backend', 'wicked'],
    'there is no backend "wicked"; wanted one of systemd-networkd, netplan, ifupdown, networkmanager',
  ],
  [['--confirm-within', '0'], 'Cannot wait "0" for a confirmation: wanted 1 to 3600 seconds'],
  [['--confirm-within', '1h'], 'Cannot wait "1h" for a confirmation: wanted 1 to 3600 seconds'],
  [['undo'], 'Cannot run apply-network "undo": wanted confirm, rollback, show or nothing'],
] as const)
  test(`apply-network refuses ${args.join(' ')}`, async (t) => {
    const ending = await call(setGuest(t), { args })
    t.equal(ending.exitCode, 64)
    t.match(ending.stderr, sentence)
  })

test('apply-network tells what is wrong with its records', async (t) => {
  const guest = setGuest(t)
  t.match(
    await call(guest, { records: [] }),
    refused("Cannot read the network's records: networks: wanted one record at least, got none\n", 64),
  )
  t.match(
    await call(guest, { records: [{ ...record, mac: '020000000001' }] }),
    refused(
      /^Cannot apply the network: no interface of this machine has the MAC address 02:00:00:00:00:01; it has eth0/,
      64,
    ),
  )
  t.match(
    await call(guest, { records: 'x'.repeat(1024 * 1024) }),
    refused(/more than 1048576 bytes came/, 64),
  )
})

test('apply-network confirm and show know that there was no change', async (t) => {
  const guest = setGuest(t)
  t.match(
    await call(guest, { args: ['confirm'] }),
    refused('Cannot confirm the network: there was no change\n', 1),
  )
  t.match(await call(guest, { args: ['show'] }), { exitCode: 0, stdout: 'No change was made\n' })
})
