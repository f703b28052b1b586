import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { checkArgs } from './arguments.js'
import type { CommandKind } from './command.js'
import { parseSettings } from './settings-file.js'
import { settingsTable } from './settings-table.js'

const full = String.raw`
summary = "Resize a block device"
usage = "DEVICE SIZE [NOTE...]"
args = ['vd[a-z]', '[0-9]+[MG]', '[^-].*']
more-args = true
user = "backup"
group = 34
groups = ["disk", 6]
folder = "/var/lib/backup"
stdin = false
timeout = "30s"
max-concurrent = 2
when-full = "busy"
max-output = "10MiB"
nice = -5
max-memory = "512MiB"
max-cpu-seconds = 60
secret-args = [2]

[environment]
TZ = "UTC"
_x1 = ""
`

/** What no executable can have. */
const forModules = 'worker = "system-2"\n'

/** Why settings are bad; fails the test when they are not. */
function reasonOf(text: string, kind: CommandKind = 'executable'): string {
  const read = parseSettings({ text, kind })
  if (!('reason' in read)) throw new Error(`not refused: ${JSON.stringify(read)}`)
  return read.reason
}

test('parseSettings() reads every setting', (t) => {
  t.same(parseSettings({ text: full, kind: 'executable' }), {
    settings: {
      summary: 'Resize a block device',
      usage: 'DEVICE SIZE [NOTE...]',
      args: { patterns: ['vd[a-z]', '[0-9]+[MG]', '[^-].*'], isLastRepeated: true },
      user: 'backup',
      group: '34',
      groups: ['disk', '6'],
      folder: '/var/lib/backup',
      hasStdin: false,
      timeoutMs: 30_000,
      concurrentMax: 2,
      whenFull: 'busy',
      outputBytesMax: 10_485_760,
      nice: -5,
      memoryBytesMax: 536_870_912,
      cpuSecondsMax: 60,
      secretArgs: [2],
      environment: { TZ: 'UTC', _x1: '' },
    },
  })
  t.same(parseSettings({ text: forModules, kind: 'module' }), { settings: { worker: 'system-2' } })
  t.equal(settingsTable.size, (forModules + full).match(/^[a-z-]+ =|^\[/gm)?.length, 'none is forgotten here')
  t.same(parseSettings({ text: '# nothing yet\n', kind: 'executable' }), { settings: {} })
  t.same(parseSettings({ text: 'args = []', kind: 'module' }), {
    settings: { args: { patterns: [], isLastRepeated: false } },
  })
  t.end()
})

test('parseSettings() names the line, and what is wanted there', (t) => {
  const line = 'wants a text in quotes, one line of at most 200 characters'
  const account = 'wants a name in quotes or a number'
  const time =
    'wants a duration such as "30s": a whole number above 0 and "ms", "s", "m" or "h", a week at most'
  const size = 'wants a size such as "10MiB": a whole number above 0 and "B", "KiB", "MiB", "GiB" or "TiB"'
  const cases: [text: string, complaint: string][] = [
    ['summary = 3', line],
    ['summary = ""', line],
    ['summary = "a\\nb"', line],
    ['summary = "\\u001b[2J"', line],
    [`usage = "${'x'.repeat(201)}"`, line],
    ['args = "[a-z]+"', `wants a list of regular expressions, e.g. ['[a-z]+', '[0-9]+']`],
    ['args = ["a", 3]', `wants a list of regular expressions, e.g. ['[a-z]+', '[0-9]+']`],
    ['args = ["a", "(b"]', 'has a fault in pattern 2: it is no regular expression: Unterminated group'],
    [
      "args = ['(?=a)']",
      'has a fault in pattern 1: lookaround, "\\b", "\\B", references and flags cannot be used in it',
    ],
    [`args = [${'"a",'.repeat(257)}]`, 'has more than 256 patterns'],
    ['more-args = 1', 'wants true or false'],
    ['user = ""', account],
    ['user = "-x"', account],
    ['user = "a:b"', account],
    ['user = -1', account],
    ['user = 4294967295', account],
    ['group = true', account],
    ['groups = "disk"', 'wants a list of names or numbers'],
    ['folder = "var"', 'wants a path in quotes that begins with "/"'],
    ['environment = "TZ=UTC"', 'wants a table of texts, e.g. { TZ = "UTC" }'],
    ['environment = [{ TZ = "UTC" }]', 'wants a table of texts, e.g. { TZ = "UTC" }'],
    ['environment = 2026-11-21', 'wants a table of texts, e.g. { TZ = "UTC" }'],
    ['environment.TZ = 1', 'wants a text in quotes for TZ'],
    ['environment.TZ = "\\u0000"', 'wants a text in quotes for TZ'],
    ['environment."a b" = ""', 'has a name that is none: letters, digits and "_" make one'],
    ['environment.1a = ""', 'has a name that is none: letters, digits and "_" make one'],
    ['stdin = "no"', 'wants true or false'],
    ['timeout = 30', time],
    ['timeout = "0s"', time],
    ['max-concurrent = 0', 'wants a whole number from 1 to 4096'],
    ['max-concurrent = 1.5', 'wants a whole number from 1 to 4096'],
    ['when-full = "queue"', 'wants "wait" or "busy"'],
    ['max-output = "10MB"', size],
    ['nice = 20', 'wants a whole number from -20 to 19'],
    ['nice = nan', 'wants a whole number from -20 to 19'],
    ['max-memory = 1024', size],
    ['max-cpu-seconds = 0', 'wants a whole number from 1 to 2147483647'],
    ['secret-args = [0]', 'wants a list of positions from 1 on, e.g. [2]'],
    ['secret-args = 1', 'wants a list of positions from 1 on, e.g. [2]'],
    [`secret-args = [${'2, '.repeat(257)}]`, 'has more than 256 positions'],
  ]
  for (const [setting, complaint] of cases) {
    const [key = ''] = /^[a-z-]+/.exec(setting) ?? []
    t.equal(reasonOf(`# first\n\n${setting}\n`), `line 3: "${key}" ${complaint}`, setting)
  }
  t.end()
})

test('parseSettings() never shows a value, for the reason reaches the caller', (t) => {
  for (const text of ['folder = "hunter2/x"', 'environment.A = ["hunter2"]', 'timeout = "hunter2"'])
    t.notMatch(reasonOf(text), 'hunter2')
  t.end()
})

test('parseSettings() offers the setting that was meant', (t) => {
  t.equal(
    reasonOf('# first\n\ntimout = "3s"'),
    'line 3: there is no setting "timout"; did you mean "timeout"?',
  )
  t.equal(reasonOf('toString = 1'), 'line 1: there is no setting "toString"; commands/README.md lists them')
  t.equal(reasonOf('[Environment]'), 'line 1: there is no setting "Environment"; did you mean "environment"?')
  t.equal(
    reasonOf(`"\\u001b[2J${'x'.repeat(100)}" = 1`),
    `there is no setting "\\x1b[2J${'x'.repeat(60)}…"; commands/README.md lists them`,
  )
  t.end()
})

test('parseSettings() says where a file is no TOML', (t) => {
  t.match(reasonOf('\ntimeout 30'), /^line 2: [^\n]+$/)
  t.match(reasonOf('nice = 1\nnice = 2'), /^line 2: [^\n]+$/)
  t.match(reasonOf('nice = 99999999999999999999'), /^line 1: [^\n]+$/)
  t.end()
})

test('parseSettings() finds the line of a variable in its own table', (t) => {
  const text = 'nice = 1\n[environment]\nTZ = "UTC"\n  "LD_PRELOAD" = "/x.so"\n'
  t.equal(
    reasonOf(text),
    `line 4: "environment" may not set LD_PRELOAD: it is the daemon's own, or would make other files run`,
  )
  t.end()
})

test('parseSettings() lets no variable say what else is run, or who calls', (t) => {
  const names = ['NEGOTIATOR_CALLER', 'LD_PRELOAD', 'LD_LIBRARY_PATH', 'BASH_ENV', 'ENV', 'BASH_FUNC_ls']
  for (const name of [...names, 'SHELLOPTS', 'BASHOPTS', 'PS4', 'PROMPT_COMMAND', 'ZDOTDIR', 'NODE_OPTIONS'])
    t.match(reasonOf(`environment = { ${name} = "x" }`), `"environment" may not set ${name}`)
  for (const name of ['PYTHONSTARTUP', 'PERL5OPT', 'RUBYOPT'])
    t.match(reasonOf(`environment.${name} = "x"`), `line 1: "environment" may not set ${name}`)
  const allowed = { PATH: '/opt/bin', HOME: '/', ENVIRONMENT: 'x', __proto: 'x', NEGOTIATOR: 'x' }
  const text = `[environment]\n${Object.entries(allowed)
    .map(([name, value]) => `${name} = "${value}"\n`)
    .join('')}`
  t.same(parseSettings({ text, kind: 'executable' }), { settings: { environment: allowed } })
  t.end()
})

test('parseSettings() refuses settings that mean nothing without each other', (t) => {
  t.equal(reasonOf('when-full = "wait"'), '"when-full" says nothing without "max-concurrent"; set that, too')
  for (const text of ['more-args = true', 'more-args = true\nargs = []'])
    t.equal(reasonOf(text), '"more-args" wants a pattern in "args", which the further arguments match')
  t.end()
})

test('parseSettings() refuses for a kind of command what cannot be enforced on it', (t) => {
  const module = 'cannot be set for a module, which has no process of its own'
  const socket = 'cannot be set for a socket, whose service somebody else has started'
  const startedHere = ['environment = {}', 'max-memory = "1MiB"']
  const own = ['user = 1', 'group = 1', 'groups = [1]', 'folder = "/"', 'nice = 1', 'max-cpu-seconds = 1']
  for (const text of own) t.equal(reasonOf(text, 'module'), `line 1: "${text.split(' ')[0] ?? ''}" ${module}`)
  for (const text of [...own, ...startedHere])
    t.equal(reasonOf(text, 'socket'), `line 1: "${text.split(' ')[0] ?? ''}" ${socket}`)
  for (const text of startedHere) t.hasProp(parseSettings({ text, kind: 'module' }), 'settings')
  const shared =
    'summary = "x"\nargs = []\nstdin = true\ntimeout = "1s"\nmax-concurrent = 1\nsecret-args = [1]\n'
  for (const kind of ['module', 'socket'] as const)
    t.hasProp(parseSettings({ text: shared, kind }), 'settings')
  t.end()
})

test('commands/README.md names every setting, and its example can be used', (t) => {
  const readme = readFileSync(new URL('../../../../commands/README.md', import.meta.url), 'utf8')
  const [, example = ''] = /```toml\n(.*?)```/s.exec(readme) ?? []
  const read = parseSettings({ text: example, kind: 'executable' })
  t.match(read, { settings: { usage: 'DEVICE SIZE', timeoutMs: 30_000 } })
  if ('settings' in read) t.equal(checkArgs(read.settings, ['vda', '20G']), undefined)
  const [, chapter = ''] = /\n## Settings\n(.*?)\n## /s.exec(readme) ?? []
  const rows = chapter.split('\n').filter((row) => row.startsWith('| `'))
  for (const [name, { kinds }] of settingsTable) {
    const row = rows.find((text) => text.split('|')[1]?.includes(`\`${name}\``) === true)
    const wanted = kinds.length === 3 ? 'all' : kinds.map((kind) => `${kind}s`).join(', ')
    t.equal(row?.split('|')[3]?.trim(), wanted, name)
  }
  t.end()
})

test('parseSettings() lets modules share a worker, and only modules', (t) => {
  const wanted = 'line 1: "worker" wants a name in quotes: small letters, digits and "-", 32 at most'
  for (const value of ['3', '""', '"-x"', '"A"', '"a/b"', `"${'x'.repeat(33)}"`, '"a\\u0000"'])
    t.equal(reasonOf(`worker = ${value}`, 'module'), wanted, value)
  t.equal(reasonOf('worker = "x"'), 'line 1: "worker" cannot be set for an executable')
  t.equal(
    reasonOf('worker = "x"\nmax-memory = "1MiB"', 'module'),
    '"max-memory" cannot be set with "worker", whose memory is everybody\'s; leave one out',
  )
  t.end()
})
