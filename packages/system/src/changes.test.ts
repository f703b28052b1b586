/**
 * Every command that changes the system, and what stands beside it: what it answers with `--json` is what its schema says, for a dry run as
 * well as for the real thing.
 */
import { changeSchemas, topicSchemas } from '@negotiator/common/system'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { machineWithKeys, machineWithUsers } from './accounts/test-accounts.js'
import { command as setPassword } from './accounts/set-password.js'
import { command as sshKey } from './accounts/ssh-key-command.js'
import { commandTable } from './command-table.js'
import type { SystemCommand } from './command.js'
import { command as fileGet } from './files/file-get.js'
import { command as filePut } from './files/file-put.js'
import { machineWithFiles } from './files/test-files.js'
import { command as setHostName } from './host-name/set-host-name.js'
import type { Machine } from './machine.js'
import { command as applyNetwork } from './network/apply-network.js'
import { call, record, setGuest } from './network/test-guest.js'
import { command as power } from './power/power.js'
import { command as session } from './session/session.js'
import { callCommand, testMachine } from './test-machine.js'
import { recordedTools } from './test-tools.js'
import { command as selfUpdate } from './update/self-update-command.js'
import { packageOf, programOf, updateMachine } from './update/test-updates.js'

/** A command on a machine where it can do its work. */
interface Scene {
  readonly command: SystemCommand
  readonly machine: Machine
  /** Behind the words that the schema has. */
  readonly args?: readonly string[]
  readonly stdin?: string | Uint8Array
  /** It has no dry run, or that has a schema of its own. */
  readonly isRealOnly?: boolean
}

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJDDD8VtM2TUXKxVT4DvFJEwlKzgmZ4HZW4bu08fYXgN nova'

/** By the words of its schema. */
const scenes: Readonly<Record<string, (t: Test) => Scene | Promise<Scene>>> = {
  'apply-network': (t) => ({ ...networkScene(t), stdin: JSON.stringify([record]) }),
  'apply-network --dry-run': (t) => ({ ...networkScene(t), stdin: JSON.stringify([record]) }),
  'apply-network confirm': changedNetwork,
  'apply-network rollback': changedNetwork,
  'apply-network show': changedNetwork,
  'file-get --facts': (t) => {
    const machine = machineWithFiles(t)
    writeFileSync(join(machine.root, 'srv/x'), 'content')
    return { command: fileGet, machine, args: ['/srv/x'], isRealOnly: true }
  },
  'file-put': (t) => ({
    command: filePut,
    machine: machineWithFiles(t),
    args: ['/srv/x', '--backup'],
    stdin: 'content',
  }),
  power: (t) => {
    const { run } = recordedTools({ 'systemd-run': {}, wall: {} })
    const machine = testMachine(t, { files: { '/run/systemd/system/x': '' }, run })
    return { command: power, machine, args: ['reboot', '--delay', '90', '--message', 'bye'] }
  },
  'self-update': (t) => {
    const { machine, key } = updateMachine(t)
    return { command: selfUpdate, machine, stdin: packageOf(programOf('9.0.0'), { key }) }
  },
  'self-update --last': (t) => ({ command: selfUpdate, machine: updateMachine(t).machine, isRealOnly: true }),
  session: (t) => ({ command: session, machine: machineWithSession(t), args: ['lock'] }),
  'set-host-name': (t) => ({ command: setHostName, machine: namedMachine(t), args: ['new'] }),
  'set-password': (t) => ({
    ...{ command: setPassword, machine: machineWithUsers(t).machine },
    ...{ args: ['root'], stdin: 'Tr0ub4dor and 3' },
  }),
  'ssh-key add': (t) => ({
    command: sshKey,
    machine: machineWithKeys(t, '').machine,
    args: ['me'],
    stdin: key,
  }),
  'ssh-key list': (t) => ({
    command: sshKey,
    machine: machineWithKeys(t, key).machine,
    args: ['me'],
    isRealOnly: true,
  }),
  'ssh-key remove': (t) => ({
    command: sshKey,
    machine: machineWithKeys(t, key).machine,
    args: ['me'],
    stdin: key,
  }),
}

function networkScene(t: Test): Scene {
  return { command: applyNetwork, machine: setGuest(t).machine, isRealOnly: true }
}

async function changedNetwork(t: Test): Promise<Scene> {
  const guest = setGuest(t)
  await call(guest)
  return { command: applyNetwork, machine: guest.machine, isRealOnly: true }
}

function machineWithSession(t: Test): Machine {
  const loginctl = (line: string): { stdout: string } => ({
    stdout: line.includes('list-sessions')
      ? '2 1000 alice seat0 tty2\n'
      : 'Id=2\nName=alice\nSeat=seat0\nClass=user\nState=active\n',
  })
  return testMachine(t, { run: recordedTools({ loginctl }).run })
}

function namedMachine(t: Test): Machine {
  const machine: Machine = testMachine(t, {
    files: {
      '/proc/sys/kernel/hostname': 'old\n',
      '/etc/hostname': 'old\n',
      '/etc/hosts': '127.0.1.1 old.lan old\n',
    },
    run: async (_file, [name = '']) => {
      writeFileSync(join(machine.root, 'proc/sys/kernel/hostname'), `${name}\n`)
      return await Promise.resolve({ exitCode: 0, stdout: '', stderr: '' })
    },
  })
  return machine
}

for (const [words, open] of Object.entries(scenes))
  test(`${words} answers as its schema says`, async (t) => {
    const { command, machine, args = [], stdin = '', isRealOnly = false } = await open(t)
    for (const dryRun of isRealOnly ? [[]] : [['--dry-run'], []]) {
      const all = [...words.split(' ').slice(1), ...args, ...dryRun, '--json']
      const { exitCode, stdout, stderr } = await callCommand(command, { machine, args: all, stdin })
      t.same([exitCode, stderr], [0, ''], all.join(' '))
      const answer: unknown = JSON.parse(stdout)
      t.same(changeSchemas[words]?.parse(answer), answer)
      if (!isRealOnly) t.match(answer, { isDryRun: dryRun.length > 0 })
    }
  })

test('an answer that says that there is nothing is as its schema says, too', async (t) => {
  const none: readonly (readonly [words: string, scene: Scene])[] = [
    ['apply-network show', networkScene(t)],
    ['self-update --last', { command: selfUpdate, machine: updateMachine(t).machine }],
    ['ssh-key list', { command: sshKey, machine: machineWithKeys(t).machine, args: ['me'] }],
  ]
  for (const [words, { command, machine, args = [] }] of none) {
    const { stdout } = await callCommand(command, {
      machine,
      args: [...words.split(' ').slice(1), ...args, '--json'],
    })
    t.ok(changeSchemas[words]?.safeParse(JSON.parse(stdout)).success, `${words}: ${stdout}`)
  }
})

test('apply-network answers as its schema says where nothing had to change', async (t) => {
  const guest = setGuest(t)
  await call(guest)
  await call(guest, { args: ['confirm'] })
  const { stdout } = await call(guest, { args: ['--json'] })
  t.match(changeSchemas['apply-network']?.parse(JSON.parse(stdout)), {
    state: 'unchanged',
    confirmWithinSeconds: null,
  })
})

test('every command has a schema, and every schema of a change is tried here', (t) => {
  const named = Object.keys(changeSchemas).map((words) => words.split(' ')[0] ?? '')
  t.same([...new Set([...named, ...Object.keys(topicSchemas)])].sort(), Object.keys(commandTable).sort())
  t.same(Object.keys(scenes).sort(), Object.keys(changeSchemas).sort())
  t.end()
})
