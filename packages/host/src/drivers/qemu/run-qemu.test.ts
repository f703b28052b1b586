import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { testFolder, writeCommand } from '@negotiator/common/testing'
import { test } from 'tap'
import type { Test } from 'tap'
import { runQemu } from './run-qemu.js'

const uuid = '4f6c0f0e-3a0b-4c7e-9d55-0123456789ab'
const { signal } = new AbortController()

/** A folder that comes first in PATH, with a systemd-run that notes its words and runs what stands behind the dashes. */
function withSystemdRun(t: Test): string {
  const folder = testFolder(t)
  const script = `printf '%s\\n' "$@" >'${folder}/unit'; while [ "$1" != -- ]; do shift; done; shift; exec "$@"`
  writeCommand({ folder, name: 'systemd-run', script })
  writeCommand({ folder, name: 'qemu', script: `printf '%s\\n' "$@" >'${folder}/qemu-words'` })
  setEnvironment(t, 'PATH', `${folder}${delimiter}${process.env['PATH']}`)
  return folder
}

function setEnvironment(t: Test, name: string, value: string): void {
  const before = process.env[name]
  process.env[name] = value
  t.teardown(() => {
    if (before === undefined) delete process.env[name]
    else process.env[name] = before
  })
}

function wordsIn(folder: string, name: string): readonly string[] {
  return readFileSync(join(folder, name), 'utf8').trimEnd().split('\n')
}

test('runQemu() gives a machine a unit of its own where a service of systemd starts it', async (t) => {
  const folder = withSystemdRun(t)
  const program = join(folder, 'qemu')
  await runQemu({ name: 'web1', uuid, program, args: ['-m', 'two words'], isService: true, signal })
  t.same(wordsIn(folder, 'unit'), [
    ...['--scope', '--quiet', '--collect', `--unit=negotiator-guest-${uuid}`, '--'],
    ...[program, '-m', 'two words'],
  ])
  t.same(wordsIn(folder, 'qemu-words'), ['-m', 'two words'])
})

test('runQemu() asks systemd for nothing where it is no service of it', async (t) => {
  const folder = withSystemdRun(t)
  await runQemu({ name: 'web1', uuid, program: join(folder, 'qemu'), args: ['-m'], isService: false, signal })
  t.same(wordsIn(folder, 'qemu-words'), ['-m'])
  t.throws(() => wordsIn(folder, 'unit'), { code: 'ENOENT' })
})

const isBooted = existsSync('/run/systemd/system')

test(
  'runQemu() takes what systemd handed on to us for nothing where systemd does not run',
  { skip: isBooted && 'systemd runs here' },
  async (t) => {
    const folder = withSystemdRun(t)
    setEnvironment(t, 'INVOCATION_ID', '1')
    await runQemu({ name: 'web1', uuid, program: join(folder, 'qemu'), args: ['-m'], signal })
    t.throws(() => wordsIn(folder, 'unit'), { code: 'ENOENT' })
  },
)

test('runQemu() says what to install where systemd-run is missing', async (t) => {
  setEnvironment(t, 'PATH', testFolder(t))
  await t.rejects(runQemu({ name: 'web1', uuid, program: '/qemu', args: [], isService: true, signal }), {
    code: 'machine-start-failed',
    message: 'Cannot start the guest "web1": systemd-run is not installed; install it (systemd)',
  })
})
