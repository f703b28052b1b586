import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { processTerminal, runProgram } from '@negotiator/common/program'
import { testFolder } from '@negotiator/common/testing'
import { test } from 'tap'
import { driverCommand } from './driver-command.js'

interface Run {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs `negotiator-host --root ROOT driver ...`. */
async function run(root: string, ...args: readonly string[]): Promise<Run> {
  const printed = { stdout: '', stderr: '' }
  const code = await runProgram(
    {
      side: 'host',
      startDaemon: async () => await Promise.reject(new Error('no daemon was wanted')),
      terminal: processTerminal,
      output: {
        stdout: (text) => void (printed.stdout += text),
        stderr: (text) => void (printed.stderr += text),
      },
      isInteractive: true,
      shippedPolicy: async () => await Promise.resolve(undefined),
      subcommands: [driverCommand],
    },
    ['--root', root, 'driver', ...args],
  )
  return { code, ...printed }
}

test('driver list tells what there is, what is configured, and why one cannot be used', async (t) => {
  const root = testFolder(t)
  t.same((await run(root, 'list')).stdout.split('\n'), [
    'driver      configured  can                        finds',
    'libvirt     yes         discover, verbs, machines  the domains of libvirt',
    'qemu        yes         discover, verbs, machines  QEMU processes',
    'folder:DIR  no          discover, verbs            sockets laid out as DIR/GUEST/CHANNEL.sock',
    'fake        no          discover, verbs, machines  nothing: its machines are pretended, for trying things out',
    '',
  ])
  mkdirSync(join(root, 'etc/negotiator'), { recursive: true })
  writeFileSync(join(root, 'etc/negotiator/host.toml'), 'drivers = ["qemu", "libvrt"]\n')
  const { drivers } = { drivers: JSON.parse((await run(root, 'list', '--json')).stdout) as unknown }
  t.match(drivers, [
    { name: 'qemu', isConfigured: true, can: ['discover', 'verbs', 'machines'] },
    {
      name: 'libvrt',
      isConfigured: true,
      problem: /^Cannot use the driver "libvrt": .*; did you mean "libvirt"\?$/,
    },
    { name: 'libvirt', isConfigured: false },
    { name: 'folder:DIR', isConfigured: false },
    { name: 'fake', isConfigured: false },
  ])
})

test('driver show tells what a driver owns, and whether it is there', async (t) => {
  const root = testFolder(t)
  const folder = join(root, 'run/guests')
  t.match(
    (await run(root, 'show', `folder:${folder}`)).stdout,
    new RegExp(`\n${folder} +start +no +the folder of`),
  )
  mkdirSync(folder, { recursive: true })
  t.match(
    (await run(root, 'show', `folder:${folder}`)).stdout,
    new RegExp(`\n${folder} +start +yes +the folder of`),
  )
  t.match((await run(root, 'show', 'fake')).stdout, /\nowns +nothing\n/)
})

test('driver configure and cleanup act below --root, and --dry-run does not', async (t) => {
  const root = testFolder(t)
  const script = join(root, 'etc/libvirt/hooks/qemu.d/negotiator')
  t.match((await run(root, 'configure', 'libvirt', '--dry-run')).stdout, `would be made  ${script}\n`)
  t.notOk(existsSync(join(root, 'etc')))
  t.match(await run(root, 'configure', 'libvirt'), { code: 0, stdout: `made  ${script}\n` })
  const shown = JSON.parse((await run(root, 'show', 'libvirt', '--json')).stdout) as unknown
  t.match(shown, { owns: [{ isThere: true }, { path: script, isThere: true }, { isThere: false }] })
  t.match(await run(root, 'cleanup', 'libvirt', '--json'), { code: 0, stdout: '"outcome": "removed"' })
  t.notOk(existsSync(join(root, 'etc')))
})

test('driver configure exits with 1 when something is in its way, and tells what', async (t) => {
  const root = testFolder(t)
  const script = join(root, 'etc/libvirt/hooks/qemu.d/negotiator')
  mkdirSync(join(script, '..'), { recursive: true })
  writeFileSync(script, 'mine')
  t.match(await run(root, 'configure', 'libvirt'), {
    code: 1,
    stdout: `left  ${script}  (it is not ours; move it away, and do this again)\n`,
  })
})

test('driver says which drivers there are when it is asked for another', async (t) => {
  const root = testFolder(t)
  const { code, stderr } = await run(root, 'install', 'libvrt')
  t.not(code, 0)
  t.match(
    stderr,
    /^negotiator-host: Cannot use the driver "libvrt": the known ones are auto, libvirt, .*did you mean "libvirt"\?\n$/,
  )
})
