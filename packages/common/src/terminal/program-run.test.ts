import { Readable } from 'node:stream'
import { test } from 'tap'
import { writeCommand } from '../test-folder.js'
import { joinedAgents } from '../agent/test-agents.js'
import { testDaemons } from './test-daemons.js'
import { testProgram } from './test-program.js'

const printArguments = { name: 'ls', script: 'for each; do echo "<$each>"; done' }

/** Arguments as the command prints them. */
function printed(...args: readonly string[]): string {
  return args.map((each) => `<${each}>\n`).join('')
}

test('`run` brings output, errors and exit status', async (t) => {
  const { guest, root } = await testDaemons(t)
  writeCommand({ folder: guest.folder, name: 'print-both', script: 'echo out; echo err >&2; exit 3' })
  t.same(await testProgram({ root }, 'run', 'web1', 'print-both'), {
    code: 3,
    stdout: 'out\n',
    stderr: 'err\n',
  })
})

test("`run` passes the command's own options on as they are", async (t) => {
  const { guest, root } = await testDaemons(t)
  writeCommand({ folder: guest.folder, ...printArguments })
  for (const args of [
    ['-la', '--timeout', '3'],
    ['-n', '-i', '--help', '--version', '--json', '-v'],
    ['--', '-x'],
    ['a b', '', '*'],
  ]) {
    t.same(await testProgram({ root }, 'run', 'web1', 'ls', ...args), {
      code: 0,
      stdout: printed(...args),
      stderr: '',
    })
  }
})

test('`run` takes its own options before the guest', async (t) => {
  const { guest, root } = await testDaemons(t)
  writeCommand({ folder: guest.folder, ...printArguments })
  writeCommand({ folder: guest.folder, name: 'wait', script: 'exec sleep 60' })
  t.match(await testProgram({ root }, 'run', '--timeout', '30', '-n', 'web1', 'ls', '-n'), {
    code: 0,
    stdout: printed('-n'),
  })
  t.match(await testProgram({ root }, 'run', '--timeout', '0.02', 'web1', 'wait'), {
    code: 124,
    // What the guest was given: the host's daemon has taken off what it had needed itself.
    stderr: /^wait on web1: timed-out: the command was ended after \d+ ms\n$/,
  })
})

test('`run` says where its options stand when they come too late', async (t) => {
  const { guest, root } = await testDaemons(t)
  writeCommand({ folder: guest.folder, ...printArguments })
  const why = 'no command has such a name, and options of `run` stand before the guest'
  const stderr = `negotiator-host: Cannot run "--timeout": ${why}\n`
  t.same(await testProgram({ root }, 'run', 'web1', '--timeout', '3', 'ls'), {
    code: 125,
    stdout: '',
    stderr,
  })
})

test('`run` takes -- before the guest and before the command', async (t) => {
  const { guest, root } = await testDaemons(t)
  writeCommand({ folder: guest.folder, ...printArguments })
  for (const args of [
    ['--', 'web1', 'ls'],
    ['web1', '--', 'ls'],
  ]) {
    t.match(await testProgram({ root }, 'run', ...args, '-x', '--', 'y'), {
      code: 0,
      stdout: printed('-x', '--', 'y'),
    })
  }
})

test('`run` in a guest passes options on, too', async (t) => {
  const { host, root } = await testDaemons(t, 'guest')
  writeCommand({ folder: host.folder, ...printArguments })
  const run = await testProgram(
    { side: 'guest', root },
    'run',
    '--timeout',
    '30',
    'ls',
    '-la',
    '--timeout',
    '3',
  )
  t.match(run, { code: 0, stdout: printed('-la', '--timeout', '3') })
})

test('standard input is forwarded when it is no terminal, and with -i when it is', async (t) => {
  const { guest, root } = await testDaemons(t)
  writeCommand({ folder: guest.folder, name: 'echo-all', script: 'exec cat' })
  const run = async (isInteractive: boolean, ...options: string[]): Promise<string> => {
    const stdin = Readable.from([Buffer.from('input')])
    return (await testProgram({ root, stdin, isInteractive }, 'run', ...options, 'web1', 'echo-all')).stdout
  }
  t.equal(await run(false), 'input')
  t.equal(await run(true), '')
  t.equal(await run(true, '-i'), 'input')
  t.equal(await run(true, '--interactive'), 'input')
})

test('-n keeps standard input for whoever else reads it', async (t) => {
  const { guest, root } = await testDaemons(t)
  writeCommand({ folder: guest.folder, name: 'echo-all', script: 'exec cat' })
  for (const option of ['-n', '--no-stdin']) {
    const stdin = Readable.from([Buffer.from('the next line of a loop')])
    t.match(await testProgram({ root, stdin, isInteractive: false }, 'run', option, 'web1', 'echo-all'), {
      code: 0,
      stdout: '',
    })
    t.equal(String(await stdin.toArray()), 'the next line of a loop')
  }
})

test('each way to fail has its exit status', async (t) => {
  const { guest, root } = await testDaemons(t)
  writeCommand({ folder: guest.folder, name: 'kill-itself', script: 'kill -9 $$' })
  writeCommand({ folder: guest.folder, name: 'refused', script: 'exit 0', mode: 0o644 })
  const codeOf = async (...args: string[]): Promise<number> =>
    (await testProgram({ root }, 'run', ...args)).code
  t.equal(await codeOf('web1', 'kill-itself'), 137)
  t.equal(await codeOf('web1', 'absent'), 127)
  t.equal(await codeOf('web1', 'refused'), 126)
  t.equal(await codeOf('web2', 'hello'), 125)
})

test('arguments that do not fit say what to do instead', async (t) => {
  const { root } = await testDaemons(t)
  const { code, stderr } = await testProgram({ root }, 'run', 'web1', 'hello', 'x'.repeat(40_000))
  t.equal(code, 125)
  t.match(stderr, /^negotiator-host: Cannot send the call: .*; send long data through standard input\n$/)
})

test('run --target calls another guest, and says what the host thinks of it', async (t) => {
  const { host, root } = await testDaemons(t, 'guest')
  const { guest } = await joinedAgents(t, { host, name: 'db1' })
  writeCommand({ folder: guest.folder, name: 'who-calls', script: 'echo "$NEGOTIATOR_CALLER $1"' })
  const program = { side: 'guest', root } as const
  t.same(await testProgram(program, 'run', '--target', 'db1', 'who-calls', '--target'), {
    code: 0,
    stdout: 'web1 --target\n',
    stderr: '',
  })
  t.same(await testProgram(program, 'run', '--target', 'db2', 'who-calls'), {
    code: 125,
    stdout: '',
    stderr:
      'who-calls on db2: unreachable: the host has no one guest of this name or uuid; ask its administrator, who sees them with `negotiator-host guests`\n',
  })
})

for (const side of ['host', 'guest'] as const)
  test(`\`run --timing\` of a ${side} prints where the time went to standard error`, async (t) => {
    const { host, guest, root } = await testDaemons(t, side)
    const [other, target] = side === 'host' ? [guest, ['web1']] : [host, []]
    writeCommand({ folder: other.folder, name: 'print-both', script: 'echo out; echo err >&2; exit 3' })
    const { code, stdout, stderr } = await testProgram(
      { side, root },
      'run',
      '--timing',
      ...target,
      'print-both',
    )
    t.same([code, stdout], [3, 'out\n'])
    const next = side === 'host' ? 'guest' : 'host'
    t.match(
      stderr,
      new RegExp(
        `^err\nSTAGE +MS\nconnect to the daemon +\\d+\\.\\d\\d\n[^]*^${next}: run +\\d+\\.\\d\\d$`,
        'm',
      ),
    )
  })
