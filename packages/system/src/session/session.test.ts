import { test } from 'tap'
import { recordedTools } from '../test-tools.js'
import { callCommand, testMachine } from '../test-machine.js'
import { command } from './session.js'

const files = {
  '/etc/passwd': 'alice:x:1000:1000::/home/alice:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n',
}

// As loginctl of systemd 252 prints it.
const listed = `     c1  110 gdm   seat0 tty1
      2 1000 alice seat0 tty2
      5 1000 alice       pts/0
      7 1001 bob         pts/1
`
const shown = `Id=c1
Name=gdm
Seat=seat0
Class=greeter
State=online

Id=2
Name=alice
Seat=seat0
Class=user
State=active

Id=5
Name=alice
Seat=
Class=user
State=active

Id=7
Name=bob
Seat=
Class=user
State=closing
`
const loginctl = (line: string): { stdout: string } => ({
  stdout: line.includes('list-sessions') ? listed : line.includes('show-session') ? shown : '',
})

test('session lock locks the screens of the machine', async (t) => {
  const { run, asked } = recordedTools({ loginctl })
  const called = await callCommand(command, { machine: testMachine(t, { files, run }), args: ['lock'] })
  t.same(called, { exitCode: 0, stdout: 'lock session 2 of alice at seat0\n', stderr: '' })
  t.equal(asked.at(-1)?.line, 'loginctl lock-session 2')
})

test('session log-off ends all sessions of a user, and waits until they are gone', async (t) => {
  let isEnded = false
  let listings = 0
  const { run, asked } = recordedTools({
    loginctl: (line) => {
      if (line.includes('terminate-session')) isEnded = true
      if (isEnded && line.includes('list-sessions')) listings += 1
      return listings > 2 ? { stdout: '' } : loginctl(line)
    },
  })
  const machine = testMachine(t, { files, run })
  const { stdout } = await callCommand(command, { machine, args: ['log-off', 'alice', '--json'] })
  const sessions = [
    { id: '2', user: 'alice', seat: 'seat0' },
    { id: '5', user: 'alice', seat: '' },
  ]
  t.same(JSON.parse(stdout), { action: 'log-off', sessions, isDryRun: false })
  t.ok(asked.some(({ line }) => line === 'loginctl terminate-session 2 5'))
  t.equal(listings, 3)
})

test('session log-off says when a session does not end', async (t) => {
  const { run } = recordedTools({ loginctl })
  const called = await callCommand(command, { machine: testMachine(t, { files, run }), args: ['log-off'] })
  t.same(called, {
    exitCode: 1,
    stdout: '',
    stderr: 'Cannot log-off: a session is still there after 5 s; processes of it may ignore SIGTERM\n',
  })
})

test('session --dry-run only looks', async (t) => {
  const { run, asked } = recordedTools({ loginctl })
  const called = await callCommand(command, {
    machine: testMachine(t, { files, run }),
    args: ['log-off', '--dry-run'],
  })
  t.same(called, { exitCode: 0, stdout: 'would log-off session 2 of alice at seat0\n', stderr: '' })
  t.notOk(asked.some(({ line }) => line.includes('terminate')))
})

test('session is content where nobody is logged in', async (t) => {
  const { run } = recordedTools({ loginctl })
  const called = await callCommand(command, {
    machine: testMachine(t, { files, run }),
    args: ['lock', 'bob'],
  })
  t.same(called, { exitCode: 0, stdout: 'nobody is logged in there\n', stderr: '' })
})

test('session says why it cannot', async (t) => {
  const cases: [args: string[], exitCode: number, sentence: string][] = [
    [['lock'], 69, 'Cannot lock: this machine has no loginctl'],
    [['unlock'], 64, 'Cannot run session: there is no "unlock"; wanted lock or log-off'],
    [['lock', 'carol'], 69, 'Cannot find the user "carol": /etc/passwd of this guest has no such line'],
    [
      ['lock', '--all'],
      64,
      'Cannot run session: there is no option "--all"; usage: session lock|log-off [USER] [--dry-run] [--json]',
    ],
  ]
  for (const [args, exitCode, sentence] of cases)
    t.same(await callCommand(command, { machine: testMachine(t, { files }), args }), {
      exitCode,
      stdout: '',
      stderr: `${sentence}\n`,
    })
})
