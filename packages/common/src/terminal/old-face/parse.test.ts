import { test } from 'tap'
import type { Side } from '../../agent/paths.js'
import { faceOf } from './parse.js'
import type { OldAction, OldRequest } from './parse.js'

const plain: Omit<OldRequest, 'actions'> = {
  timeoutMs: 10_000,
  verbosity: 0,
  device: undefined,
  root: undefined,
  config: undefined,
  isClassicExit: false,
}

const listGuests: OldAction = { kind: 'list-guests' }
const daemon: OldAction = { kind: 'daemon' }

function list(target: string): OldAction {
  return { kind: 'list-commands', target }
}

function execute(target: string, commandLine: string): OldAction {
  return { kind: 'execute', target, commandLine }
}

test('the new face keeps every command line that it had', (t) => {
  for (const line of [
    '',
    'guests',
    'guests --json',
    '-v guests',
    '--root /x --config y -q -v run web1 ls -e -c -t 5 -d',
    'run --timeout 5 web1 ls',
    'ping -c',
    'daemon -d',
    '-- -e x web1',
    '- -g',
    '--version',
    '-V',
    '--help',
    '-h',
    '--nothing',
    '-x',
    '-v -x',
    '--root',
    '--root -c guests',
    '--roo /x -c web1',
    '-x -e hello web1',
  ]) {
    const argv = line.split(' ').filter((word) => word !== '')
    for (const side of ['host', 'guest'] as const)
      t.same(faceOf(side, argv), { kind: 'new' }, `${side}: ${line}`)
  }
  t.end()
})

test('the old face is what its options say', (t) => {
  const cases: readonly (readonly [Side, readonly string[], readonly OldAction[], Partial<OldRequest>?])[] = [
    ['host', ['-g'], [listGuests]],
    ['host', ['--list-guests', 'not', 'minded'], [listGuests]],
    ['host', ['-c', 'web1'], [list('web1')]],
    ['host', ['-gc', 'web1'], [listGuests, list('web1')]],
    ['host', ['-e', 'a b', '-g', '-ec', 'web1'], [execute('web1', 'a b'), listGuests, execute('web1', 'c')]],
    ['host', ['-ve', 'a', 'web1'], [execute('web1', 'a')], { verbosity: 1 }],
    ['host', ['--exec', '-c', '--', '-x'], [execute('-x', '-c')]],
    ['host', ['-d'], [daemon]],
    ['host', ['-vv', '-q', '-d', '-vvq'], [daemon], { verbosity: 2 }],
    ['host', ['-t5', '-c', '--timeout', '7', 'web1'], [list('web1')], { timeoutMs: 7000 }],
    ['host', ['-t', ' +5 ', '-g'], [listGuests], { timeoutMs: 5000 }],
    ['host', ['-t', '0', '-g'], [listGuests], { timeoutMs: undefined }],
    ['host', ['-t', '-1', '-g'], [listGuests], { timeoutMs: undefined }],
    ['host', ['--root', '/x', '--config=y', '-g'], [listGuests], { root: '/x', config: 'y' }],
    ['host', ['--classic-exit', '-g'], [listGuests], { isClassicExit: true }],
    ['host', ['-e', '', 'web1'], [execute('web1', '')]],
    ['guest', ['-l'], [list('host')]],
    ['guest', ['--l', 'not', 'minded'], [list('host')]],
    ['guest', ['-e', 'a b'], [execute('host', 'a b')]],
    ['guest', ['-e', 'a', '-e', 'b'], [execute('host', 'b')]],
    ['guest', ['-e', 'a', '-l'], [list('host')]],
    ['guest', ['-e', 'a', '-ld'], [daemon]],
    ['guest', ['-dc', '/dev/vport0p1'], [daemon], { device: '/dev/vport0p1' }],
    ['guest', ['--c', '/dev/a', '--char=/dev/b', '-d'], [daemon], { device: '/dev/b' }],
  ]
  for (const [side, argv, actions, more] of cases) {
    const request = { ...plain, actions, ...more }
    t.same(faceOf(side, argv), { kind: 'old', request }, `${side}: ${argv.join(' ')}`)
  }
  t.end()
})

test('options of the old face that ask for nothing are a call for help', (t) => {
  for (const argv of [
    ['-t', '5'],
    ['--classic-exit'],
    ['-g', '-h'],
    ['--help', '-g'],
    ['-gvh'],
    ['-c', '--he'],
  ]) {
    t.same(faceOf('host', argv), { kind: 'help' }, argv.join(' '))
  }
  t.same(faceOf('guest', ['-c', '/dev/vport0p1']), { kind: 'help' })
  t.end()
})

test('what the old face cannot make sense of has a sentence', (t) => {
  const oneGuest = 'one guest must stand behind the options, and nothing else'
  const noTime = (text: string): string =>
    `"${text}" is no time: wanted a whole number of seconds, or 0 for no limit`
  const cases: readonly (readonly [Side, readonly string[], string])[] = [
    ['host', ['-c'], oneGuest],
    ['host', ['-e', 'hello'], oneGuest],
    ['host', ['-c', 'web1', '-t', '5'], oneGuest],
    ['host', ['-e', 'hello', 'web1', 'web2'], oneGuest],
    ['host', ['-e'], '-e lacks its value'],
    ['host', ['-gx'], 'there is no option -x'],
    ['host', ['--list'], '--list may be --list-guests or --list-commands'],
    ['host', ['--list-guests=x'], '--list-guests takes no value'],
    ['host', ['-t', '5', 'run', 'web1', 'ls'], 'options of "run" must stand behind it'],
    ['guest', ['-c'], '-c lacks its value'],
    ...['', 'x', '0.5', '5s', '1e3', '0x10', '2147483648'].map(
      (text) => ['host', ['-t', text, '-g'], noTime(text)] as const,
    ),
  ]
  for (const [side, argv, reason] of cases) {
    t.same(faceOf(side, argv), { kind: 'bad', reason, isClassicExit: false }, argv.join(' '))
  }
  t.match(faceOf('host', ['--classic-exit', '-gx']), { kind: 'bad', isClassicExit: true })
  t.match(faceOf('host', ['-gx', '--classic-exit']), { kind: 'bad', isClassicExit: true })
  t.end()
})
