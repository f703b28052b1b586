import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { callCommand, testMachine } from '../test-machine.js'
import { command } from './set-password.js'
import { hash, machineWithUsers, userFiles, yescrypt } from './test-accounts.js'

const secret = 'Tr0ub4dor: &3 größe'

test('set-password hands the password to chpasswd over standard input, and shows it nowhere', async (t) => {
  const { machine, asked, shadowOf } = machineWithUsers(t)
  const called = await callCommand(command, { machine, args: ['root'], stdin: `${secret}\n` })
  t.same(called, { exitCode: 0, stdout: 'set the password of root\n', stderr: '' })
  t.same(asked, [{ file: 'chpasswd', args: [], input: `root:${secret}\n` }])
  t.equal(shadowOf('root'), hash)
})

test('set-password keeps the old shadow file, for root alone', async (t) => {
  const { machine } = machineWithUsers(t)
  const { stdout } = await callCommand(command, { machine, args: ['root', '--json'], stdin: secret })
  t.same(JSON.parse(stdout), { user: 'root', isChanged: true, isDryRun: false, backup: '/etc/shadow-' })
  const backup = join(machine.root, 'etc/shadow-')
  t.equal(readFileSync(backup, 'utf8'), userFiles['/etc/shadow'])
  t.equal(statSync(backup).mode & 0o777, 0o600)
})

test('set-password --hash takes a hash as it is', async (t) => {
  const { machine, asked, shadowOf } = machineWithUsers(t)
  const called = await callCommand(command, { machine, args: ['--hash', 'root'], stdin: `${hash}\n` })
  t.equal(called.exitCode, 0)
  t.match(asked, [{ args: ['-e'] }])
  t.equal(shadowOf('root'), hash)
})

test('set-password --dry-run changes nothing and asks nobody', async (t) => {
  const { machine, asked, shadowOf } = machineWithUsers(t)
  const called = await callCommand(command, { machine, args: ['root', '--dry-run'], stdin: secret })
  t.same(called, { exitCode: 0, stdout: 'would set the password of root\n', stderr: '' })
  t.same(asked, [])
  t.equal(shadowOf('root'), yescrypt)
  t.notOk(existsSync(join(machine.root, 'etc/shadow-')))
})

test('set-password puts the old password back when a hash comes out that locks its user out', async (t) => {
  // "*0" is what an old agent wrote that took over the head of a yescrypt hash; the others are schemes that are broken.
  for (const bad of ['*0', '$1$saltsalt$qjXMvbEw8oaL.CzflDugX/', 'saWXLuTGJkGgI', '']) {
    const { machine, shadowOf } = machineWithUsers(t, { hashOf: () => bad })
    const called = await callCommand(command, { machine, args: ['root'], stdin: secret })
    t.same(called, {
      exitCode: 1,
      stdout: '',
      stderr:
        'Cannot set the password of "root": chpasswd made a hash by which nobody could log in safely; the old one was put back\n',
    })
    t.equal(shadowOf('root'), yescrypt)
  }
})

test('set-password refuses a locked account, unless it is told to unlock it', async (t) => {
  for (const user of ['alice', 'bob']) {
    const { machine, asked, shadowOf } = machineWithUsers(t)
    const called = await callCommand(command, { machine, args: [user], stdin: secret })
    t.same(called, {
      exitCode: 77,
      stdout: '',
      stderr: `Cannot set the password of "${user}": the account is locked; --unlock does it nevertheless\n`,
    })
    t.same(asked, [])
    t.equal((await callCommand(command, { machine, args: [user, '--unlock'], stdin: secret })).exitCode, 0)
    t.equal(shadowOf(user), hash)
  }
})

test('set-password says what chpasswd said, but for the secret', async (t) => {
  const result = { exitCode: 1, stderr: `chpasswd: bad line "root:${secret}"\nmore` }
  const { machine, shadowOf } = machineWithUsers(t, { hashOf: () => yescrypt, result })
  const { exitCode, stderr } = await callCommand(command, { machine, args: ['root'], stdin: secret })
  t.equal(exitCode, 1)
  t.equal(
    stderr,
    'Cannot set the password of "root": chpasswd ended with status 1 and said "chpasswd: bad line \\"root:***\\""; it is as it was\n',
  )
  t.equal(shadowOf('root'), yescrypt)
})

test('set-password says where there is no chpasswd', async (t) => {
  const machine = testMachine(t, { files: userFiles })
  t.same(await callCommand(command, { machine, args: ['root'], stdin: secret }), {
    exitCode: 69,
    stdout: '',
    stderr: 'Cannot set a password: this machine has no chpasswd; install the package "passwd" or "shadow"\n',
  })
})

test('set-password refuses what is no password, no hash and no user, and repeats no secret', async (t) => {
  const wanted =
    'wanted a whole crypt hash that begins with $y$, $2b$, $6$ or $5$; "mkpasswd" or "openssl passwd -6" makes one; nothing was changed'
  const cases: [args: string[], stdin: string | Uint8Array, exitCode: number, sentence: string][] = [
    [['root'], '', 64, 'Cannot take the password: standard input is empty; nothing was changed'],
    [
      ['root'],
      'two\nlines\n',
      64,
      'Cannot take the password: it is more than one line, or has control characters; nothing was changed',
    ],
    [
      ['root'],
      'nul\0',
      64,
      'Cannot take the password: it is more than one line, or has control characters; nothing was changed',
    ],
    [
      ['root'],
      'x'.repeat(512),
      64,
      'Cannot take the password: it has more than 511 bytes; nothing was changed',
    ],
    [
      ['root'],
      'x'.repeat(5000),
      64,
      'Cannot take what comes over standard input: it has more than 4096 bytes',
    ],
    [['root', '--hash'], '*0', 64, `Cannot take the hash: ${wanted}`],
    [['root', '--hash'], '!', 64, `Cannot take the hash: ${wanted}`],
    [['root', '--hash'], '$1$saltsalt$qjXMvbEw8oaL.CzflDugX/', 64, `Cannot take the hash: ${wanted}`],
    [['root', '--hash'], `${hash}:0:0`, 64, `Cannot take the hash: ${wanted}`],
    [['carol'], secret, 69, 'Cannot find the user "carol": /etc/passwd of this guest has no such line'],
    [
      ['root:x'],
      secret,
      64,
      'Cannot use the user name "root:x": wanted letters, digits, "_", "-" and ".", at most 32',
    ],
    [
      ['root', secret],
      '',
      64,
      'Cannot run set-password: it wants 1 arguments, 2 given; usage: set-password USER [--hash] [--unlock] [--dry-run] [--json]',
    ],
  ]
  for (const [args, stdin, exitCode, sentence] of cases) {
    const { machine, asked } = machineWithUsers(t)
    const called = await callCommand(command, { machine, args, stdin: stdin.toString() })
    t.same(called, { exitCode, stdout: '', stderr: `${sentence}\n` })
    t.same(asked, [])
  }
})
