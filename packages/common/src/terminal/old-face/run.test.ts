import { Readable } from 'node:stream'
import { test } from 'tap'
import { untilSeen } from '../../agent/test-agents.js'
import type { Config } from '../../agent/config-settings.js'
import type { Link } from '../../agent/link.js'
import { channelCable, plugIn } from '../../agent/test-links.js'
import { OldPeer } from '../../dialects/classic/old-peer.js'
import type { OldAnswers } from '../../dialects/classic/old-peer.js'
import { SystemError } from '../../errors.js'
import { lifeline } from '../../process/test-processes.js'
import { testFolder, writeCommand } from '../../test-folder.js'
import type { Teardown } from '../../test-folder.js'
import { testDaemons } from '../test-daemons.js'
import type { TestDaemons } from '../test-daemons.js'
import { testProgram } from '../test-program.js'

const script = 'exit 0'

/** Both daemons, where the guest `web1` has some commands, and the host knows of them. */
async function daemonsWith(t: Teardown, scripts: Readonly<Record<string, string>>): Promise<TestDaemons> {
  const daemons = await testDaemons(t)
  const names = Object.keys(scripts)
  for (const name of names) writeCommand({ folder: daemons.guest.folder, name, script: scripts[name] ?? '' })
  await untilSeen(daemons.host.agent, () => daemons.toGuest.commands?.length === names.length)
  return daemons
}

/** Adds a guest with a python-negotiator in it. */
async function addOldGuest(
  t: Teardown,
  { daemons, name, answers }: { daemons: TestDaemons; name: string; answers: OldAnswers },
): Promise<Link> {
  const link = daemons.host.agent.addPeer({ name, caller: { kind: 'guest', name } })
  const cable = channelCable()
  new OldPeer(cable.hostToGuest.right).serve(answers)
  t.teardown(plugIn(link, { cable, end: 'host' }))
  await untilSeen(daemons.host.agent, () => link.state === 'classic')
  return link
}

test('-g prints the guests, sorted by code points; without any it prints an empty line', async (t) => {
  const { host, root } = await testDaemons(t)
  for (const name of ['\u{1f600}', '\uff21', 'b', 'Z'])
    host.agent.addPeer({ name, caller: { kind: 'guest', name } })
  for (const option of ['-g', '--list-guests', '--list-g']) {
    const stdout = 'Z\nb\nweb1\n\uff21\n\u{1f600}\n'
    t.same(await testProgram({ root }, option), { code: 0, stdout, stderr: '' })
  }
  for (const peer of host.agent.peers()) host.agent.removePeer(peer as Link)
  t.same(await testProgram({ root }, '-g'), { code: 0, stdout: '\n', stderr: '' })
})

test('-g leaves out guests that do not run or have no channels', async (t) => {
  const { host, root } = await testDaemons(t)
  for (const obstacle of ['off', 'paused', 'no-channels'] as const)
    host.agent.addPeer({ name: obstacle, caller: { kind: 'guest', name: obstacle } }).setObstacle(obstacle)
  t.same(await testProgram({ root }, '-g'), { code: 0, stdout: 'web1\n', stderr: '' })
})

test('-c prints the commands of a guest, and an empty line when it has none', async (t) => {
  const none = await daemonsWith(t, {})
  t.same(await testProgram(none, '-c', 'web1'), { code: 0, stdout: '\n', stderr: '' })
  const some = await daemonsWith(t, { hello: script, Zebra: script, apple: script })
  for (const option of ['-c', '--list-commands', '--list-c', '-vqc']) {
    t.same(await testProgram(some, option, 'web1'), { code: 0, stdout: 'Zebra\napple\nhello\n', stderr: '' })
  }
})

test('-e prints what the command printed, without the blanks at its end, and one line end', async (t) => {
  const daemons = await daemonsWith(t, {
    args: 'for each; do printf "<%s>" "$each"; done; printf " \\t\\n\\n"',
    lines: 'printf "  a\\n\\nb\\302\\240\\n"',
    nothing: script,
    bytes: 'printf "\\377\\376 \\n"',
    long: 'head -c 3000000 /dev/zero | tr "\\0" x',
  })
  const line = `args 'two words' "a\\"b" c\\ d '' $HOME`
  const stdout = '<two words><a"b><c d><><$HOME>\n'
  for (const options of [
    ['-e', line],
    [`-e${line}`],
    ['--execute', line],
    [`--exec=${line}`],
    ['-ve', line],
  ]) {
    t.same(await testProgram(daemons, ...options, 'web1'), { code: 0, stdout, stderr: '' })
  }
  const printed = async (command: string): Promise<string> =>
    (await testProgram(daemons, '-e', command, 'web1')).stdout
  t.equal(await printed('lines'), '  a\n\nb\n')
  t.equal(await printed('nothing'), '\n')
  t.equal(await printed('/usr/lib/negotiator/commands/nothing'), '\n', 'a path is cut off, as it ever was')
  t.equal(await printed('bytes'), Buffer.from([0xff, 0xfe, 0x0a]).toString())
  t.equal((await printed('long')).length, 3_000_001)
})

test('-e gives no standard input, and keeps ours for whoever else reads it', async (t) => {
  const daemons = await daemonsWith(t, { 'echo-all': 'exec cat' })
  const stdin = Readable.from([Buffer.from('the next line of a loop')])
  t.match(await testProgram({ ...daemons, stdin, isInteractive: false }, '-e', 'echo-all', 'web1'), {
    code: 0,
    stdout: '\n',
  })
  t.equal(String(await stdin.toArray()), 'the next line of a loop')
})

test('standard error of a command is shown when it fails, and with -v', async (t) => {
  const daemons = await daemonsWith(t, { both: 'echo out; echo err >&2; exit "$1"' })
  t.same(await testProgram(daemons, '-e', 'both 0', 'web1'), { code: 0, stdout: 'out\n', stderr: '' })
  t.same(await testProgram(daemons, '-ve', 'both 0', 'web1'), { code: 0, stdout: 'out\n', stderr: 'err\n' })
  const stderr = 'err\nboth on web1: it exited with status 3\n'
  t.same(await testProgram(daemons, '-e', 'both 3', 'web1'), { code: 3, stdout: '', stderr })
})

test('a failure prints nothing, says a sentence and has its own exit status, or 1', async (t) => {
  const daemons = await daemonsWith(t, { three: 'echo out; exit 3', killed: 'echo out; kill -9 $$' })
  const needsGuest =
    'one guest must stand behind the options, and nothing else; negotiator-host --help tells more'
  const cases: readonly (readonly [args: readonly string[], code: number, stderr: string])[] = [
    [['-e', 'three', 'web1'], 3, 'three on web1: it exited with status 3\n'],
    [['-e', 'killed', 'web1'], 137, 'killed on web1: it was ended by SIGKILL\n'],
    [['-e', 'nosuch', 'web1'], 127, 'nosuch on web1: unknown-command: there is no command of this name\n'],
    [['-e', 'a', 'web2'], 125, 'a on web2: unreachable: there is no "web2" here; did you mean "web1"?\n'],
    [['-c', 'web2'], 125, 'negotiator-host: there is no "web2" here; did you mean "web1"?\n'],
    [
      ['-e', "a 'b", 'web1'],
      125,
      'negotiator-host: Cannot read the command line "a \'b": a \' has no second one\n',
    ],
    [['-e', ' ', 'web1'], 125, 'negotiator-host: Cannot run " ": it names no command\n'],
    [['-c'], 125, `negotiator-host: Cannot read the options: ${needsGuest}\n`],
    [['-t', 'x', '-c', 'web1'], 125, 'negotiator-host: Cannot read the options: "x" is no time'],
  ]
  for (const [args, code, stderr] of cases) {
    const asItIs = await testProgram(daemons, ...args)
    t.match(asItIs, { code, stdout: '', stderr }, args.join(' '))
    t.same(await testProgram(daemons, '--classic-exit', ...args), { ...asItIs, code: 1 })
  }
  t.match(await testProgram(daemons, '--classic-exit', '-c', 'web1'), { code: 0 })
  const absent = testFolder(t)
  t.match(await testProgram({ root: absent }, '-g'), { code: 125, stdout: '', stderr: /is it running\?\n$/ })
})

test('several actions are done in order, up to the first that fails', async (t) => {
  const daemons = await daemonsWith(t, { hello: 'echo "$1"', three: 'exit 3' })
  t.match(await testProgram(daemons, '-e', 'hello 1', '-gc', '-e', 'hello 2', 'web1'), {
    code: 0,
    stdout: '1\nweb1\nhello\nthree\n2\n',
  })
  t.match(await testProgram(daemons, '-ge', 'three', '-c', 'web1'), { code: 3, stdout: 'web1\n' })
})

test('-t ends a command that takes longer, and all of its processes', async (t) => {
  const { path, gone } = lifeline(t)
  const daemons = await daemonsWith(t, { wait: 'exec 3>"$1"; echo out; sleep 60 & wait' })
  const late = { stdout: '', stderr: 'negotiator-host: Gave up after 1 seconds; -t SECONDS allows more\n' }
  const args = ['-t', '1', '-e', `wait ${path}`, 'web1']
  t.same(await testProgram(daemons, ...args), { code: 124, ...late })
  await gone
  t.same(await testProgram(daemons, '--classic-exit', ...args), { code: 1, ...late })
})

test('-t 0 is no limit', async (t) => {
  const daemons = await daemonsWith(t, { hello: 'echo hello' })
  t.match(await testProgram(daemons, '-t', '0', '-e', 'hello', 'web1'), { code: 0, stdout: 'hello\n' })
})

test('a guest with a python-negotiator is served as well', async (t) => {
  const daemons = await daemonsWith(t, {})
  const results: Record<string, object> = {
    hello: { success: true, result: 'hello \n' },
    three: { success: false, error: 'External command failed with exit code 3!' },
  }
  await addOldGuest(t, {
    daemons,
    name: 'old1',
    answers: ({ method, args }) =>
      method === 'list_commands' ? { success: true, result: ['three', 'hello'] } : results[String(args[0])],
  })
  t.match(await testProgram(daemons, '-g'), { code: 0, stdout: 'old1\nweb1\n' })
  t.match(await testProgram(daemons, '-c', 'old1'), { code: 0, stdout: 'hello\nthree\n' })
  t.match(await testProgram(daemons, '-e', 'hello', 'old1'), { code: 0, stdout: 'hello\n' })
  t.match(await testProgram(daemons, '-e', 'three', 'old1'), { code: 3, stdout: '' })
  t.match(await testProgram(daemons, '-t', '1', '-e', 'never', 'old1'), { code: 124, stdout: '' })
})

test('in a guest the host is meant, and what stands behind the options is not minded', async (t) => {
  const { host, guest, toHost, root } = await testDaemons(t, 'guest')
  writeCommand({ folder: host.folder, name: 'guest-name', script: 'echo "$NEGOTIATOR_GUEST $1"' })
  await untilSeen(guest.agent, () => toHost.commands?.length === 1)
  const program = { side: 'guest', root } as const
  t.same(await testProgram(program, '-l'), { code: 0, stdout: 'guest-name\n', stderr: '' })
  t.same(await testProgram(program, '-e', 'guest-name x', 'y'), { code: 0, stdout: 'web1 x\n', stderr: '' })
  t.match(await testProgram(program, '-e', 'guest-name', '-l'), { stdout: 'guest-name\n' }, 'one thing only')
  t.match(await testProgram(program, '-e', 'nosuch'), { code: 127, stdout: '', stderr: /^nosuch on host: / })
  t.same(await testProgram(program, '-c', '/dev/x', '-l'), { code: 0, stdout: 'guest-name\n', stderr: '' })
  const stderr = 'The daemon has the ports, so /dev/x is left to it\n'
  t.same(await testProgram(program, '-vc', '/dev/x', '-l'), { code: 0, stdout: 'guest-name\n', stderr })
})

test('-d runs the daemon with what -v, -q and -c say', async (t) => {
  const root = testFolder(t)
  const configOf = async (
    side: 'host' | 'guest',
    ...args: readonly string[]
  ): Promise<Config | undefined> => {
    let config: Config | undefined
    const startDaemon = async (needs: { readonly config: Config }): Promise<never> => {
      config = needs.config
      return await Promise.reject(new SystemError('no daemon today', { code: 'already-running' }))
    }
    const stderr = `negotiator-${side}: no daemon today\n`
    t.same(await testProgram({ side, root, startDaemon }, ...args), { code: 125, stdout: '', stderr })
    return config
  }
  t.match(await configOf('host', '-d'), { 'log-level': 'info' })
  t.match(await configOf('host', '-vd'), { 'log-level': 'debug' })
  t.match(await configOf('host', '-qd'), { 'log-level': 'warn' })
  t.match(await configOf('guest', '-qq', '--daemon'), { 'log-level': 'error' })
  t.match(await configOf('guest', '-d'), { 'host-to-guest-device': '' })
  t.match(await configOf('guest', '-c', '/dev/vport0p2', '-d'), {
    'host-to-guest-device': '/dev/vport0p2',
    'channel-folder': '',
  })
})

test('--help shows both faces, however it is asked for', async (t) => {
  for (const [side, ...lines] of [
    ['host', 'Usage: negotiator-host [options] [command]', '-e COMMAND GUEST', '--classic-exit', 'guests'],
    ['guest', 'Usage: negotiator-guest [options] [command]', '-e COMMAND', '--character-device=PATH', 'ping'],
  ] as const) {
    const help = await testProgram({ side }, '--help')
    t.match(help, { code: 0, stderr: '' })
    for (const line of lines) t.match(help.stdout, line)
    t.same(await testProgram({ side }, '-h'), help)
    t.same(await testProgram({ side }, '-t', '5'), help)
    t.same(await testProgram({ side }, '-dh'), help)
  }
})
