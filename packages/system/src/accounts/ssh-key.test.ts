import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { getuid } from 'node:process'
import { test } from 'tap'
import type { Machine } from '../machine.js'
import { callCommand } from '../test-machine.js'
import { command } from './ssh-key-command.js'
import { machineWithKeys } from './test-accounts.js'

const real = 'AAAAC3NzaC1lZDI1NTE5AAAAIJDDD8VtM2TUXKxVT4DvFJEwlKzgmZ4HZW4bu08fYXgN'
const key = `ssh-ed25519 ${real} nova`
const other = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBJBUENrV4nJjQ1a9pTt5yLzVxO1v1qGxu8Vb0m2b2mT other'

const fingerprintOf = async (machine: Machine): Promise<string> =>
  (await callCommand(command, { machine, args: ['list', 'me'] })).stdout.split(' ')[0] ?? ''

test('ssh-key add makes the folder and the file, for the user alone', async (t) => {
  const { machine, home, file } = machineWithKeys(t)
  const { exitCode, stdout } = await callCommand(command, {
    machine,
    args: ['add', 'me'],
    stdin: `\n# Nova\n${key}\n`,
  })
  t.equal(exitCode, 0)
  t.match(stdout, /^added SHA256:\S+\n$/)
  t.equal(readFileSync(file, 'utf8'), `${key}\n`)
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.equal(statSync(join(home, '.ssh')).mode & 0o777, 0o700)
})

test('ssh-key add keeps every byte that is there, and the old file', async (t) => {
  const before = `# mine\nfrom="10.0.0.0/8",no-pty ${other}\nnot a key`
  const { machine, file } = machineWithKeys(t, before)
  const { stdout } = await callCommand(command, {
    machine,
    args: ['add', 'me', '--json'],
    stdin: `${key}\n${other}\n`,
  })
  const answer = JSON.parse(stdout) as { fingerprints: string[]; backup: string }
  t.match(answer, { user: 'me', isChanged: true, isDryRun: false, fingerprints: [/^SHA256:/] })
  t.equal(answer.fingerprints.length, 1, 'the other one was there')
  t.equal(readFileSync(file, 'utf8'), `${before}\n${key}\n`)
  t.equal(readFileSync(join(machine.root, answer.backup), 'utf8'), before)
  t.equal(statSync(file).mode & 0o777, 0o600)
})

test('ssh-key add does nothing twice', async (t) => {
  const { machine, home } = machineWithKeys(t, `${key}\n`)
  t.match(await callCommand(command, { machine, args: ['add', 'me'], stdin: key }), {
    stdout: 'nothing to do\n',
  })
  t.same(readdirSync(join(home, '.ssh')), ['authorized_keys'])
})

test('ssh-key remove takes a key or a fingerprint, and leaves the rest', async (t) => {
  for (const byFingerprint of [false, true]) {
    const { machine, file } = machineWithKeys(t, `${key}\n# kept\nno-pty ${other}\n`)
    const stdin = byFingerprint ? await fingerprintOf(machine) : key
    const called = await callCommand(command, { machine, args: ['remove', 'me'], stdin })
    t.match(called, { exitCode: 0, stdout: /^removed SHA256:/ })
    t.equal(readFileSync(file, 'utf8'), `# kept\nno-pty ${other}\n`)
  }
})

test('ssh-key list tells fingerprints, options and comments, and no key', async (t) => {
  const { machine } = machineWithKeys(t, `no-pty ${key}\n# ${other}\n`)
  const { stdout } = await callCommand(command, { machine, args: ['list', 'me', '--json'] })
  t.match(JSON.parse(stdout), {
    user: 'me',
    keys: [{ type: 'ssh-ed25519', comment: 'nova', options: 'no-pty', fingerprint: /^SHA256:/ }],
  })
  t.notMatch(stdout, real)
  t.same(await callCommand(command, { machine: machineWithKeys(t).machine, args: ['list', 'me'] }), {
    exitCode: 0,
    stdout: '',
    stderr: '',
  })
})

test('ssh-key --dry-run says what it would do and changes nothing', async (t) => {
  const { machine, home } = machineWithKeys(t)
  const called = await callCommand(command, { machine, args: ['add', 'me', '--dry-run'], stdin: key })
  t.match(called, { exitCode: 0, stdout: /^would have added SHA256:/ })
  t.notOk(existsSync(join(home, '.ssh')))
})

test('ssh-key follows no link that the user has put there', async (t) => {
  const { machine, home } = machineWithKeys(t)
  const elsewhere = join(machine.root, 'root-ssh')
  mkdirSync(elsewhere)
  writeFileSync(join(elsewhere, 'authorized_keys'), '')
  // Others could have put it there, for they may write to the folder.
  chmodSync(home, 0o777)
  symlinkSync('/root-ssh', join(home, '.ssh'))
  const called = await callCommand(command, { machine, args: ['add', 'me'], stdin: key })
  t.match(called, {
    exitCode: 77,
    stderr:
      'Cannot follow the link "/home/me/.ssh": others than root could have put it there; name the place that it leads to\n',
  })
  t.equal(readFileSync(join(elsewhere, 'authorized_keys'), 'utf8'), '')
})

test('ssh-key neither reads nor replaces a link or a second name in place of the file', async (t) => {
  const { machine, home, file } = machineWithKeys(t)
  mkdirSync(join(home, '.ssh'), { mode: 0o700 })
  const secret = join(machine.root, 'etc/secret')
  writeFileSync(secret, key)
  symlinkSync('/etc/secret', file)
  for (const [args, sentence] of [
    [
      ['list', 'me'],
      'Cannot read "/home/me/.ssh/authorized_keys": it is a link; name the file that it leads to\n',
    ],
    [
      ['add', 'me'],
      'Cannot read "/home/me/.ssh/authorized_keys": it is a link; name the file that it leads to\n',
    ],
  ] as const)
    t.same(await callCommand(command, { machine, args, stdin: key }), {
      exitCode: 77,
      stdout: '',
      stderr: sentence,
    })
  t.ok(lstatSync(file).isSymbolicLink())
  t.equal(readFileSync(secret, 'utf8'), key)
})

test(
  'ssh-key reads no second name of a file in a folder of a user',
  { skip: getuid?.() !== 0 && 'only root gives a folder away' },
  async (t) => {
    const { machine, home, file } = machineWithKeys(t)
    mkdirSync(join(home, '.ssh'), { mode: 0o700 })
    chownSync(join(home, '.ssh'), 1000, 1000)
    linkSync(join(machine.root, 'etc/passwd'), file)
    const { exitCode, stderr } = await callCommand(command, { machine, args: ['list', 'me'] })
    t.equal(exitCode, 77)
    t.equal(
      stderr,
      'Cannot read "/home/me/.ssh/authorized_keys": it has a second name, and lies where others than root may put files\n',
    )
  },
)

test('ssh-key refuses a folder that others may write to', async (t) => {
  const { machine, home } = machineWithKeys(t, '')
  chmodSync(join(home, '.ssh'), 0o770)
  const { exitCode, stderr } = await callCommand(command, { machine, args: ['add', 'me'], stdin: key })
  t.same(
    [exitCode, stderr],
    [77, 'Cannot change the keys of "me" in "/home/me/.ssh": others than its owner may write there\n'],
  )
})

test('ssh-key refuses what is no key, no fingerprint and no word of its own', async (t) => {
  const { machine, file } = machineWithKeys(t, `${key}\n`)
  const cases: [args: string[], stdin: string, sentence: string][] = [
    [
      ['add', 'me'],
      `${other}\nssh-rsa nonsense`,
      'Cannot add key 2 of standard input: it is no public key as ssh-keygen makes them; nothing was changed',
    ],
    [
      ['add', 'me'],
      '-----BEGIN OPENSSH PRIVATE KEY-----',
      'Cannot add key 1 of standard input: it is no public key as ssh-keygen makes them; nothing was changed',
    ],
    [['add', 'me'], '\n', 'Cannot run ssh-key: standard input has no key; wanted one a line'],
    [
      ['remove', 'me'],
      'nova',
      'Cannot remove key 1 of standard input: it is neither a public key nor a fingerprint such as SHA256:...; nothing was changed',
    ],
    [['purge', 'me'], '', 'Cannot run ssh-key: there is no "purge"; wanted list, add or remove'],
  ]
  for (const [args, stdin, sentence] of cases)
    t.same(await callCommand(command, { machine, args, stdin }), {
      exitCode: 64,
      stdout: '',
      stderr: `${sentence}\n`,
    })
  t.equal(readFileSync(file, 'utf8'), `${key}\n`)
})
