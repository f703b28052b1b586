import { test } from 'tap'
import { recordedTools } from '../test-tools.js'
import { callCommand, testMachine } from '../test-machine.js'
import { command } from './power.js'

const systemd = { '/run/systemd/system/x': '', '/sys/power/state': 'freeze mem disk\n' }

test('power has systemd do it in a while, and tells who is logged in', async (t) => {
  const { run, asked } = recordedTools({ 'systemd-run': {}, wall: {} })
  const machine = testMachine(t, { files: systemd, run })
  const args = ['reboot', '--delay', '90', '--message', '$(touch /tmp/x); `id` "bye"', '--json']
  const { exitCode, stdout } = await callCommand(command, { machine, args })
  t.equal(exitCode, 0)
  t.same(JSON.parse(stdout), { action: 'reboot', delaySeconds: 90, isAnnounced: true, isDryRun: false })
  t.same(asked, [
    {
      line: 'systemd-run --quiet --collect --unit=negotiator-power --on-active=90s --timer-property=AccuracySec=100ms -- systemctl reboot',
      input: '',
    },
    { line: 'wall', input: '$(touch /tmp/x); `id` "bye"\n' },
  ])
})

test('power leaves its answer a second to arrive', async (t) => {
  const verbs = { shutdown: 'poweroff', reboot: 'reboot', hibernate: 'hibernate', suspend: 'suspend' }
  for (const [action, verb] of Object.entries(verbs)) {
    const { run, asked } = recordedTools({ 'systemd-run': {} })
    const machine = testMachine(t, { files: systemd, run })
    const called = await callCommand(command, { machine, args: [action, '--delay', '0'] })
    t.same(called, { exitCode: 0, stdout: `begins in 1 s: ${action}\n`, stderr: '' })
    t.match(asked[0]?.line, new RegExp(`--on-active=1s .* -- systemctl ${verb}$`))
    t.equal(asked.length, 1, 'nobody is told without a message')
  }
})

test('power has a process of its own wait where there is no systemd; words are its arguments', async (t) => {
  const { run, asked } = recordedTools({ sh: {} })
  const machine = testMachine(t, { run })
  t.match(await callCommand(command, { machine, args: ['shutdown', '--delay', '5'] }), { exitCode: 0 })
  t.match(asked[0]?.line, / negotiator 5 poweroff$/)
})

test('power --dry-run asks nobody', async (t) => {
  const { run, asked } = recordedTools({ 'systemd-run': {}, wall: {}, sh: {} })
  const machine = testMachine(t, { files: systemd, run })
  const called = await callCommand(command, { machine, args: ['shutdown', '--message', 'bye', '--dry-run'] })
  t.same(called, { exitCode: 0, stdout: 'would begin in 1 s: shutdown\n', stderr: '' })
  t.same(asked, [])
})

test('power says why it cannot', async (t) => {
  const gone = recordedTools({}).run
  const planned = recordedTools({ 'systemd-run': { exitCode: 1, stderr: 'Unit exists' }, systemctl: {} }).run
  const refusing = recordedTools({
    'systemd-run': { exitCode: 1, stderr: 'Access denied\nmore' },
    systemctl: { exitCode: 3 },
  }).run
  const noReboot = recordedTools({ sh: { exitCode: 69 } }).run
  const cases: [
    files: Record<string, string>,
    run: typeof gone,
    action: string,
    exitCode: number,
    sentence: string,
  ][] = [
    [systemd, gone, 'reboot', 69, 'Cannot reboot: this machine has no systemd-run'],
    [
      systemd,
      planned,
      'reboot',
      1,
      'Cannot reboot: one is planned already; "systemctl stop negotiator-power.timer" takes it back',
    ],
    [
      systemd,
      refusing,
      'reboot',
      1,
      'Cannot reboot: systemd-run ended with status 1 and said "Access denied"',
    ],
    [
      { '/run/systemd/system/x': '', '/sys/power/state': 'freeze mem\n' },
      gone,
      'hibernate',
      69,
      'Cannot hibernate: the kernel of this machine offers freeze mem',
    ],
    [
      { '/run/systemd/system/x': '' },
      gone,
      'suspend',
      69,
      'Cannot suspend: the kernel of this machine offers no sleep at all',
    ],
    [
      { '/sys/power/state': 'disk' },
      gone,
      'hibernate',
      69,
      'Cannot hibernate: this machine is not run by systemd, which knows how',
    ],
    [{}, noReboot, 'reboot', 69, 'Cannot reboot: this machine has no reboot'],
    [{}, gone, 'reboot', 69, 'Cannot reboot: this machine has no sh'],
  ]
  for (const [files, run, action, exitCode, sentence] of cases) {
    const machine = testMachine(t, { files, run })
    t.same(await callCommand(command, { machine, args: [action] }), {
      exitCode,
      stdout: '',
      stderr: `${sentence}\n`,
    })
  }
})

test('power refuses wrong words before it does anything', async (t) => {
  const { run, asked } = recordedTools({ 'systemd-run': {}, wall: {} })
  const machine = testMachine(t, { files: systemd, run })
  const cases: [args: string[], sentence: string][] = [
    [['halt'], 'Cannot run power: there is no "halt"; wanted shutdown, reboot, hibernate, suspend'],
    [['toString'], 'Cannot run power: there is no "toString"; wanted shutdown, reboot, hibernate, suspend'],
    [['reboot', '--delay', '-1'], 'Cannot use --delay "-1": wanted whole seconds from 0 to 604800'],
    [['reboot', '--delay', '1h'], 'Cannot use --delay "1h": wanted whole seconds from 0 to 604800'],
    [['reboot', '--delay', '604801'], 'Cannot use --delay "604801": wanted whole seconds from 0 to 604800'],
    [['reboot', '--message', 'a\x1b[2Jb'], 'Cannot use --message: wanted one line of at most 500 characters'],
    [
      ['reboot', '--message', 'x'.repeat(501)],
      'Cannot use --message: wanted one line of at most 500 characters',
    ],
  ]
  for (const [args, sentence] of cases)
    t.same(await callCommand(command, { machine, args }), {
      exitCode: 64,
      stdout: '',
      stderr: `${sentence}\n`,
    })
  t.same(asked, [])
})
