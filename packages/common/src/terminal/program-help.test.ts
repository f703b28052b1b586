import { test } from 'tap'
import { version } from '../version.js'
import { testProgram } from './test-program.js'

const subcommands = {
  host: [
    'daemon',
    'guests',
    'commands',
    'run',
    'ping',
    'wait',
    'status',
    'policy',
    'audit',
    'hooks',
    'config',
  ],
  guest: ['daemon', 'commands', 'run', 'ping', 'wait', 'status', 'policy', 'audit', 'hooks', 'config'],
} as const

test('--help lists the subcommands of this side', async (t) => {
  for (const side of ['host', 'guest'] as const) {
    const { code, stdout } = await testProgram({ side }, '--help')
    t.equal(code, 0)
    t.match(stdout, new RegExp(`^Usage: negotiator-${side} \\[options\\] \\[command\\]\n`))
    const listed = [...stdout.matchAll(/^ {2}([a-z]+) /gm)]
      .map(([, name]) => name)
      .filter((name) => name !== 'help')
    t.same(listed, subcommands[side])
  }
})

test('the help of each subcommand has an example that begins with it', async (t) => {
  for (const side of ['host', 'guest'] as const) {
    for (const name of subcommands[side]) {
      const { code, stdout, stderr } = await testProgram({ side }, name, '--help')
      t.same([code, stderr], [0, ''], `${side} ${name}`)
      t.match(stdout, new RegExp(`\nExample:\n  \\$ negotiator-${side} ${name}( |\n)`))
    }
  }
})

test('the help names a guest on the host, and none in a guest', async (t) => {
  t.match(
    (await testProgram({}, 'run', '--help')).stdout,
    'Usage: negotiator-host run [options] <guest> <command> [args...]',
  )
  t.match(
    (await testProgram({ side: 'guest' }, 'run', '--help')).stdout,
    'Usage: negotiator-guest run [options] <command> [args...]',
  )
})

test('the help of `run` tells the exit statuses', async (t) => {
  const { stdout } = await testProgram({}, 'run', '--help')
  for (const status of ['128+n', '124', '125', '126', '127']) t.match(stdout, status)
})

test('--version is the version', async (t) => {
  t.same(await testProgram({}, '--version'), { code: 0, stdout: `${version}\n`, stderr: '' })
})

test('a mistyped subcommand gets a suggestion, and nothing on standard output', async (t) => {
  const { code, stdout, stderr } = await testProgram({}, 'gests')
  t.same([code, stdout], [125, ''])
  t.match(stderr, "error: unknown command 'gests'\n(Did you mean guests?)")
  t.match(stderr, '(negotiator-host --help tells more)')
})

test('a mistyped option gets a suggestion', async (t) => {
  const { code, stderr } = await testProgram({}, 'guests', '--jsn')
  t.equal(code, 125)
  t.match(stderr, "error: unknown option '--jsn'\n(Did you mean --json?)")
})

test('a missing argument is named', async (t) => {
  for (const [args, missing] of [
    [['run'], 'guest'],
    [['run', 'web1'], 'command'],
    [['ping'], 'guest'],
    [['commands'], 'guest'],
  ] as const) {
    const { code, stderr } = await testProgram({}, ...args)
    t.equal(code, 125)
    t.match(stderr, `error: missing required argument '${missing}'`)
  }
})

test('too many arguments are refused', async (t) => {
  const { code, stderr } = await testProgram({}, 'guests', 'web1')
  t.equal(code, 125)
  t.match(stderr, /too many arguments/)
})

test('no subcommand at all is the help, on standard error', async (t) => {
  const { code, stdout, stderr } = await testProgram({})
  t.same([code, stdout], [125, ''])
  t.match(stderr, 'Usage: negotiator-host')
})

test('a bad --timeout says what is wanted', async (t) => {
  const sentence =
    'negotiator-host: Cannot use "5s" as a time: wanted a number of seconds above 0, e.g. 30 or 0.5\n'
  for (const args of [
    ['run', '--timeout', '5s', 'web1', 'hello'],
    ['wait', 'web1', '--timeout', '5s'],
  ]) {
    t.same(await testProgram({}, ...args), { code: 125, stdout: '', stderr: sentence })
  }
})
