import { lstatSync, readlinkSync, statSync, symlinkSync } from 'node:fs'
import { test } from 'tap'
import { changeFolder } from './scripts.js'
import { call, earlier, ownPath, record, refused, setGuest } from './test-guest.js'

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

test('apply-network says that cloud-init may write the network anew, unless it is told not to', async (t) => {
  const note =
    'cloud-init may write the network anew when this machine starts; to keep it from that, put "network: {config: disabled}" into /etc/cloud/cloud.cfg.d/99-disable-network-config.cfg\n'
  const said = async (files: Readonly<Record<string, string>>): Promise<boolean> =>
    (await call(setGuest(t, files), { args: ['--dry-run'] })).stdout.endsWith(note)
  const here = { '/etc/cloud/cloud.cfg': 'users: [default]\n' }
  const withMore = async (name: string, text: string): Promise<boolean> =>
    await said({ ...here, [`/etc/cloud/${name}`]: text })
  t.equal(await said({}), false)
  t.equal(await said(here), true)
  t.equal(await withMore('cloud.cfg.d/99-disable-network-config.cfg', 'network: {config: disabled}\n'), false)
  t.equal(await withMore('cloud.cfg.d/10-odd.cfg', 'network: [\n'), true)
  t.equal(await withMore('cloud.cfg.d/README', 'network: {config: disabled}\n'), true)
  t.equal(await withMore('cloud-init.disabled', ''), false)
  t.equal(await said({ '/etc/cloud/cloud.cfg': 'network:\n  config: disabled\n' }), false)
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

test('apply-network gives the line of the old name in /etc/hosts the new one, and takes it back', async (t) => {
  const hosts = '127.0.0.1 localhost\n127.0.1.1\told\n10.0.0.9 older\n'
  const guest = setGuest(t, { '/etc/hosts': hosts })
  const records = { hostName: 'new', networks: [record] }
  t.match(
    (await call(guest, { args: ['--dry-run'], records })).stdout,
    '-127.0.1.1\\x09old\n+127.0.1.1\\x09new\n',
  )
  t.equal(guest.read('/etc/hosts'), hosts)
  await call(guest, { records })
  t.equal(guest.read('/etc/hosts'), hosts.replace('\told', '\tnew'))
  await call(guest, { args: ['rollback'] })
  t.equal(guest.read('/etc/hosts'), hosts)
})

test('apply-network leaves a link at /etc/hosts alone, and says so', async (t) => {
  const guest = setGuest(t, { '/etc/hosts': '-> /etc/static/hosts' })
  t.match(
    (await call(guest, { records: { hostName: 'new', networks: [record] } })).stdout,
    "/etc/hosts is a link to /etc/static/hosts and was left alone; see to the machine's name there\n",
  )
  t.equal(readlinkSync(`${guest.root}/etc/hosts`), '/etc/static/hosts')
  t.equal(guest.read('/etc/hostname'), 'new\n')
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
