import { chmodSync, existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import type { Machine, ToolResult } from '../machine.js'
import { callCommand, testMachine } from '../test-machine.js'
import { command } from './set-host-name.js'

const files = { '/proc/sys/kernel/hostname': 'old\n', '/etc/hostname': 'old\n' }

/** A machine whose tools do what the real ones do to its files. */
function machineOf(
  t: Test,
  { tools, more = {} }: { tools: readonly string[]; more?: Record<string, string> },
): Machine {
  const run: Machine['run'] = async (file, args) => {
    if (!tools.includes(file)) return await Promise.resolve(undefined)
    const name = args.at(-1) ?? ''
    writeFileSync(join(machine.root, 'proc/sys/kernel/hostname'), `${name}\n`)
    if (file === 'hostnamectl') writeFileSync(join(machine.root, 'etc/hostname'), `${name}\n`)
    return { exitCode: 0, stdout: '', stderr: '' }
  }
  const machine: Machine = testMachine(t, { files: { ...files, ...more }, run })
  return machine
}

const etcHostname = (machine: Machine): string => readFileSync(join(machine.root, 'etc/hostname'), 'utf8')

test('set-host-name names the machine, now and for its next start', async (t) => {
  for (const more of [{ '/run/systemd/system/x': '' }, {}]) {
    const machine = machineOf(t, { tools: ['hostnamectl', 'hostname'], more })
    const { stdout } = await callCommand(command, { machine, args: ['Web-1.example.org', '--json'] })
    t.same(JSON.parse(stdout), {
      name: 'Web-1.example.org',
      oldName: 'old',
      isChanged: true,
      isDryRun: false,
      backup: '/etc/hostname.bak',
      hostsLines: [],
      hostsBackup: null,
      notes: [],
    })
    t.equal(etcHostname(machine), 'Web-1.example.org\n')
    t.equal(statSync(join(machine.root, 'etc/hostname')).mode & 0o777, 0o644)
    t.equal(readFileSync(join(machine.root, 'etc/hostname.bak'), 'utf8'), 'old\n')
  }
})

test('set-host-name does without hostnamectl', async (t) => {
  const machine = machineOf(t, { tools: ['hostname'], more: { '/run/systemd/system/x': '' } })
  t.same(await callCommand(command, { machine, args: ['new'] }), {
    exitCode: 0,
    stdout: 'is called new, was old\n',
    stderr: '',
  })
})

test('set-host-name --dry-run changes nothing', async (t) => {
  const machine = machineOf(t, { tools: [] })
  const called = await callCommand(command, { machine, args: ['new', '--dry-run'] })
  t.same(called, { exitCode: 0, stdout: 'would be called new, was old\n', stderr: '' })
  t.equal(etcHostname(machine), 'old\n')
})

const hosts = '127.0.0.1\tlocalhost\n127.0.1.1\told.lan\told # ours\n\n# The cluster\n10.0.0.9 older\n'
const withHosts = { '/etc/hosts': hosts }
const etcHosts = (machine: Machine): string => readFileSync(join(machine.root, 'etc/hosts'), 'utf8')

test('set-host-name gives the line of the old name in /etc/hosts the new one, and keeps the old file', async (t) => {
  const machine = machineOf(t, { tools: ['hostname'], more: withHosts })
  const path = join(machine.root, 'etc/hosts')
  chmodSync(path, 0o640)
  const { stdout } = await callCommand(command, { machine, args: ['new', '--json'] })
  t.match(JSON.parse(stdout), {
    hostsLines: [{ before: '127.0.1.1\told.lan\told # ours', after: '127.0.1.1\tnew.lan\tnew # ours' }],
    hostsBackup: '/etc/hosts.bak',
  })
  t.equal(etcHosts(machine), hosts.replace('old.lan\told', 'new.lan\tnew'))
  t.equal(statSync(path).mode & 0o777, 0o640)
  t.equal(readFileSync(`${path}.bak`, 'utf8'), hosts)
})

test('set-host-name leaves /etc/hosts as it is where no line has the old name', async (t) => {
  const machine = machineOf(t, { tools: ['hostname'], more: { '/etc/hosts': '127.0.0.1 localhost\n' } })
  const { ino } = statSync(join(machine.root, 'etc/hosts'))
  t.match(await callCommand(command, { machine, args: ['new'] }), {
    exitCode: 0,
    stdout: 'is called new, was old\n',
  })
  t.equal(statSync(join(machine.root, 'etc/hosts')).ino, ino)
  t.notOk(existsSync(join(machine.root, 'etc/hosts.bak')))
})

test('set-host-name leaves /etc/hosts alone where it is a link, and says so', async (t) => {
  const machine = machineOf(t, { tools: ['hostname'], more: { '/etc/hosts': '-> /etc/static/hosts' } })
  t.same(await callCommand(command, { machine, args: ['new'] }), {
    exitCode: 0,
    stdout:
      "is called new, was old\n/etc/hosts is a link to /etc/static/hosts and was left alone; see to the machine's name there\n",
    stderr: '',
  })
})

test('set-host-name --dry-run says what would become of /etc/hosts, and changes nothing', async (t) => {
  const machine = machineOf(t, { tools: [], more: withHosts })
  t.same(await callCommand(command, { machine, args: ['new', '--dry-run'] }), {
    exitCode: 0,
    stdout:
      'would be called new, was old\n/etc/hosts would say "127.0.1.1 new.lan new # ours", said "127.0.1.1 old.lan old # ours"\n',
    stderr: '',
  })
  t.equal(etcHosts(machine), hosts)
  t.notOk(existsSync(join(machine.root, 'etc/hosts.bak')))
})

test('set-host-name changes no /etc/hosts on a machine that does not take the name', async (t) => {
  const machine = machineOf(t, { tools: [], more: withHosts })
  t.match(await callCommand(command, { machine, args: ['new'] }), { exitCode: 69 })
  t.equal(etcHosts(machine), hosts)
})

test('set-host-name says when the machine did not take the name', async (t) => {
  const result: ToolResult = { exitCode: 0, stdout: '', stderr: '' }
  const machine = testMachine(t, { files, run: async () => await Promise.resolve(result) })
  t.same(await callCommand(command, { machine, args: ['new'] }), {
    exitCode: 1,
    stdout: '',
    stderr:
      'Cannot set the host name: the machine is called "old", and "new" from its next start on, after it was set to "new"\n',
  })
})

test('set-host-name says why it cannot', async (t) => {
  const wanted = 'wanted at most 64 letters, digits and "-", in parts between dots'
  const names = [
    '',
    '-x',
    'x-',
    'a b',
    'a..b',
    'x_y',
    'größe',
    'x\n',
    'x'.repeat(64),
    `${'x'.repeat(40)}.${'y'.repeat(40)}`,
  ]
  for (const name of names) {
    const { exitCode, stderr } = await callCommand(command, {
      machine: machineOf(t, { tools: [] }),
      args: ['--', name],
    })
    t.same(
      [exitCode, stderr],
      [64, `Cannot use the host name ${JSON.stringify(name.slice(0, 80))}: ${wanted}\n`],
    )
  }
  const none = machineOf(t, { tools: [] })
  t.same(await callCommand(command, { machine: none, args: ['new'] }), {
    exitCode: 69,
    stdout: '',
    stderr: 'Cannot set the host name: this machine has no hostname\n',
  })
  t.equal(etcHostname(none), 'old\n')
  const linked = testMachine(t, { files: { '/proc/sys/kernel/hostname': 'old\n', '/etc/x': '' } })
  symlinkSync('/etc/x', join(linked.root, 'etc/hostname'))
  t.match(await callCommand(command, { machine: linked, args: ['new'] }), {
    exitCode: 77,
    stderr: /^Cannot replace "\/etc\/hostname": it is a link/,
  })
})
