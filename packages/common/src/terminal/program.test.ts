import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { loadConfig } from '../agent/config.js'
import { untilSeen } from '../agent/test-agents.js'
import { SystemError } from '../errors.js'
import { testFolder, writeCommand } from '../test-folder.js'
import { version } from '../version.js'
import { testDaemons } from './test-daemons.js'
import { testProgram } from './test-program.js'

const script = 'exit 0'

test('`guests` is a table, or JSON', async (t) => {
  const { host, root } = await testDaemons(t)
  host.agent.addPeer({ name: 'db', caller: { kind: 'guest', name: 'db' } })
  t.same(await testProgram({ root }, 'guests'), {
    code: 0,
    stdout: `NAME  STATE       AGENT  UUID\ndb    connecting  -      -\nweb1  ready       ${version}  6d1f\n`,
    stderr: '',
  })
  const { stdout } = await testProgram({ root }, 'guests', '--json')
  t.match(JSON.parse(stdout), [
    { name: 'db', state: 'connecting' },
    { name: 'web1', uuid: '6d1f', state: 'ready' },
  ])
})

test('`commands` is a name a line, or JSON', async (t) => {
  const { guest, host, toGuest, root } = await testDaemons(t)
  for (const name of ['hello', 'apple']) writeCommand({ folder: guest.folder, name, script })
  await untilSeen(host.agent, () => toGuest.commands?.length === 2)
  t.same(await testProgram({ root }, 'commands', 'web1'), { code: 0, stdout: 'apple\nhello\n', stderr: '' })
  const { stdout } = await testProgram({ root }, 'commands', '6d1f', '--json')
  t.same(JSON.parse(stdout), [
    { name: 'apple', kind: 'executable', secretArgs: [] },
    { name: 'hello', kind: 'executable', secretArgs: [] },
  ])
})

test('`commands --long` tells what the settings say, and without it names stay alone on their lines', async (t) => {
  const { guest, host, toGuest, root } = await testDaemons(t)
  for (const name of ['hello', 'resize']) writeCommand({ folder: guest.folder, name, script })
  const text = 'summary = "Resize a device"\nusage = "DEVICE SIZE"\n'
  writeFileSync(join(guest.folder, 'resize.toml'), text, { mode: 0o644 })
  await untilSeen(host.agent, () => toGuest.commands?.some(({ summary }) => summary !== undefined) === true)
  t.equal(
    (await testProgram({ root }, 'commands', '--long', 'web1')).stdout,
    'NAME    USAGE        SUMMARY\nhello\nresize  DEVICE SIZE  Resize a device\n',
  )
  t.equal((await testProgram({ root }, 'commands', 'web1')).stdout, 'hello\nresize\n')
  t.match(JSON.parse((await testProgram({ root }, 'commands', 'web1', '--json')).stdout), [
    { name: 'hello' },
    { name: 'resize', summary: 'Resize a device', usage: 'DEVICE SIZE' },
  ])
})

test('`ping` is a sentence, or JSON', async (t) => {
  const { root } = await testDaemons(t)
  const { code, stdout } = await testProgram({ root }, 'ping', 'web1')
  t.equal(code, 0)
  t.match(stdout, /^web1 answers after \d+\.\d\d ms\n$/)
  const answer = JSON.parse((await testProgram({ root }, 'ping', 'web1', '--json')).stdout) as Record<
    string,
    unknown
  >
  t.match(answer, { target: 'web1', roundTripMs: Number })
  t.match(await testProgram({ root }, 'ping', '--timeout', '30', 'web1'), { code: 0 })
})

test('`status` is JSON either way', async (t) => {
  const { root } = await testDaemons(t)
  for (const args of [['status'], ['status', '--json']]) {
    const { code, stdout } = await testProgram({ root }, ...args)
    t.equal(code, 0)
    t.match(JSON.parse(stdout), { side: 'host', version, peers: [{ name: 'web1', state: 'ready' }] })
  }
})

test('`wait` is silent once the guest is ready, and gives up with 124', async (t) => {
  const { root } = await testDaemons(t)
  t.same(await testProgram({ root }, 'wait', 'web1', '--timeout', '60'), { code: 0, stdout: '', stderr: '' })
  const late = { code: 124, stdout: '', stderr: 'negotiator-host: "web2" is not there\n' }
  t.same(await testProgram({ root }, 'wait', 'web2', '--timeout', '0.02'), late)
})

test('`config` prints a file that gives the effective configuration', async (t) => {
  const root = testFolder(t)
  const config = join(root, 'my.toml')
  writeFileSync(config, 'drivers = ["folder:/run/guests"]')
  const { code, stdout } = await testProgram({ root }, '--config', config, '-v', 'config')
  t.equal(code, 0)
  writeFileSync(config, stdout)
  const effective = await loadConfig({ side: 'host', root, file: config })
  t.match(effective, { 'log-level': 'debug', drivers: ['folder:/run/guests'] })
  t.equal(effective['control-socket'], join(root, 'run/negotiator/host.sock'))
})

test('what goes wrong is one line on standard error, and status 125', async (t) => {
  const { root } = await testDaemons(t)
  const nowhere = 'negotiator-host: there is no "web2" here; did you mean "web1"?\n'
  for (const args of [
    ['ping', 'web2'],
    ['commands', 'web2'],
  ]) {
    t.same(await testProgram({ root }, ...args), { code: 125, stdout: '', stderr: nowhere })
  }
  const absent = testFolder(t)
  const path = join(absent, 'run/negotiator/host.sock')
  const stderr = `negotiator-host: Cannot reach the daemon on "${path}": it does not exist; is it running?\n`
  for (const args of [['guests'], ['run', 'web1', 'hello'], ['wait', 'web1'], ['status']]) {
    t.same(await testProgram({ root: absent }, ...args), { code: 125, stdout: '', stderr })
  }
  const noFile = 'negotiator-host: Cannot read the configuration "/absent.toml": it does not exist\n'
  t.same(await testProgram({}, '--config', '/absent.toml', 'config'), {
    code: 125,
    stdout: '',
    stderr: noFile,
  })
})

test('a daemon that cannot start says why', async (t) => {
  const startDaemon = async (): Promise<never> => {
    throw new SystemError('Cannot start the daemon: another one answers', { code: 'already-running' })
  }
  const stderr = 'negotiator-host: Cannot start the daemon: another one answers\n'
  t.same(await testProgram({ root: testFolder(t), startDaemon }, 'daemon'), { code: 125, stdout: '', stderr })
})

test('a fault of ours is not hidden', async (t) => {
  const startDaemon = async (): Promise<never> => {
    throw new TypeError('a bug')
  }
  await t.rejects(testProgram({ root: testFolder(t), startDaemon }, 'daemon'), new TypeError('a bug'))
})

test('in a guest the host is meant', async (t) => {
  const { host, guest, toHost, root } = await testDaemons(t, 'guest')
  writeCommand({ folder: host.folder, name: 'guest-name', script: 'echo "$NEGOTIATOR_GUEST"' })
  await untilSeen(guest.agent, () => toHost.commands?.length === 1)
  const program = { side: 'guest', root } as const
  t.match(await testProgram(program, 'run', 'guest-name'), { code: 0, stdout: 'web1\n' })
  t.match(await testProgram(program, 'commands'), { code: 0, stdout: 'guest-name\n' })
  t.match(await testProgram(program, 'ping'), { code: 0, stdout: /^host answers after/ })
  t.match(await testProgram(program, 'wait'), { code: 0, stdout: '' })
  t.match(await testProgram(program, 'guests'), { code: 125, stderr: /unknown command 'guests'/ })
})

test('--root, --config, -v and -q stand before the subcommand or behind it', async (t) => {
  const root = testFolder(t)
  const config = join(root, 'my.toml')
  writeFileSync(config, 'log-level = "warn"')
  const levelOf = async (...args: readonly string[]): Promise<string | undefined> => {
    const { code, stdout, stderr } = await testProgram({}, ...args)
    t.same([code, stderr], [0, ''], args.join(' '))
    t.match(stdout, args.includes(root) ? `control-socket = "${root}/run` : 'control-socket = "/run')
    return /^log-level = "(.*)"$/m.exec(stdout)?.[1]
  }
  t.equal(await levelOf('config', '--root', root, '--config', config), 'warn')
  t.equal(await levelOf('--root', root, 'config', '--config', config, '-v'), 'debug')
  t.equal(await levelOf('--config', config, 'config', '--quiet'), 'error')
  t.equal(
    await levelOf('--config', '/absent.toml', 'config', '--config', config),
    'warn',
    'the later one holds',
  )
  t.equal(await levelOf('--root', '/absent', 'config', '--root', root), 'info')
})

test('what stands behind the command of `run` belongs to it, and before it to us', async (t) => {
  const { guest, root } = await testDaemons(t)
  writeCommand({ folder: guest.folder, name: 'print', script: 'echo "$*"' })
  const stdout = '-v --root /x\n'
  t.match(await testProgram({}, 'run', '--root', root, '-v', 'web1', 'print', '-v', '--root', '/x'), {
    stdout,
  })
})
