import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'tap'
import { testFolder } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'
import { configToml, loadConfig } from './config.js'
import type { Config } from './config-settings.js'
import type { Side } from './paths.js'

/** A root with a configuration file in it. */
function rootWith(
  test: Teardown,
  { side = 'host', text }: { side?: Side; text: string },
): { root: string; path: string } {
  const root = testFolder(test)
  const path = join(root, 'etc/negotiator', `${side}.toml`)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return { root, path }
}

async function loaded(test: Teardown, file: { side?: Side; text: string }): Promise<Config> {
  return await loadConfig({ side: file.side ?? 'host', root: rootWith(test, file).root })
}

test('loadConfig() gives the defaults when there is no file', async (t) => {
  t.same(await loadConfig({ side: 'host', root: '/absent' }), {
    'log-level': 'info',
    'control-socket': '/absent/run/negotiator/host.sock',
    'command-folders': ['/absent/usr/lib/negotiator/commands'],
    'state-folder': '/absent/var/lib/negotiator',
    'policy-folder': '/absent/etc/negotiator/policy.d',
    'hooks-folder': '/absent/etc/negotiator/hooks.d',
    'extras-folder': '/absent/etc/negotiator/extras.d',
    'audit-file': '/absent/var/log/negotiator/host-audit.log',
    'metrics-listen': '',
    drivers: ['auto'],
    'channel-folder': '',
    'host-to-guest-device': '',
    'guest-to-host-device': '',
    'heartbeat-interval-seconds': 5,
    'heartbeat-dead-seconds': 15,
    dialects: [],
  })
  const guest = await loadConfig({ side: 'guest', root: '/absent' })
  t.match(guest, { 'control-socket': '/absent/run/negotiator/guest.sock', drivers: [] })
})

test("loadConfig() takes the file's word over the defaults, setting by setting", async (t) => {
  const text = `
    # A comment.
    log-level = "debug"
    command-folders = [
      "/srv/commands",
      "/opt/commands",
    ]
    drivers = []
    heartbeat-dead-seconds = 7.5`
  t.match(await loaded(t, { text }), {
    'log-level': 'debug',
    'command-folders': ['/srv/commands', '/opt/commands'],
    drivers: [],
    'heartbeat-interval-seconds': 5,
    'heartbeat-dead-seconds': 7.5,
  })
})

test('loadConfig() takes an empty file, and one with comments only', async (t) => {
  t.match(await loaded(t, { text: '' }), { 'log-level': 'info' })
  t.match(await loaded(t, { text: '# nothing yet\n\n' }), { 'log-level': 'info' })
})

test('loadConfig() takes the file that is named instead of the usual one', async (t) => {
  const { root } = rootWith(t, { text: 'log-level = "error"' })
  const file = join(root, 'other.toml')
  writeFileSync(file, 'log-level = "debug"')
  t.match(await loadConfig({ side: 'host', root, file }), { 'log-level': 'debug' })
})

test('loadConfig() fails when the file that is named does not exist', async (t) => {
  const message = 'Cannot read the configuration "/absent/x.toml": it does not exist'
  await t.rejects(loadConfig({ side: 'host', root: '/', file: '/absent/x.toml' }), {
    name: 'SystemError',
    code: 'config-unreadable',
    message,
  })
})

test('loadConfig() says why a file cannot be read', async (t) => {
  const file = testFolder(t)
  const message = `Cannot read the configuration "${file}": EISDIR`
  await t.rejects(loadConfig({ side: 'host', root: '/', file }), { code: 'config-unreadable', message })
})

test('loadConfig() names file, line, value and what is wanted', async (t) => {
  const seconds = 'wanted a number of seconds from 0.1 to 3600'
  const folders = 'wanted a list of paths, e.g. ["/usr/lib/negotiator/commands"]'
  const path = 'wanted a path in quotes that begins with "/"'
  const levels = 'wanted "error", "warn", "info" or "debug"'
  const cases: [line: string, key: string, complaint: string][] = [
    ['log-level = "loud"', 'log-level', `it is "loud", ${levels}`],
    ['log-level = 3', 'log-level', `it is 3, ${levels}`],
    ['control-socket = ""', 'control-socket', `it is "", ${path}`],
    ['control-socket = ["/a"]', 'control-socket', `it is ["/a"], ${path}`],
    ['control-socket = "run/host.sock"', 'control-socket', `it is "run/host.sock", ${path}`],
    ['state-folder = 3', 'state-folder', `it is 3, ${path}`],
    ['policy-folder = "x"', 'policy-folder', `it is "x", ${path}`],
    ['hooks-folder = "x"', 'hooks-folder', `it is "x", ${path}`],
    ['extras-folder = 1', 'extras-folder', `it is 1, ${path}`],
    ['audit-file = "x"', 'audit-file', `it is "x", ${path}, or "" for no audit log`],
    ['command-folders = "/srv"', 'command-folders', `it is "/srv", ${folders}`],
    ['command-folders = ["/srv", 3]', 'command-folders', `it is ["/srv",3], ${folders}`],
    ['command-folders = [""]', 'command-folders', `it is [""], ${folders}`],
    ['drivers = "qemu"', 'drivers', 'it is "qemu", wanted a list such as ["auto", "folder:/run/guests"]'],
    ['heartbeat-dead-seconds = 0', 'heartbeat-dead-seconds', `it is 0, ${seconds}`],
    ['heartbeat-dead-seconds = nan', 'heartbeat-dead-seconds', `it is nan, ${seconds}`],
    ['heartbeat-dead-seconds = +inf', 'heartbeat-dead-seconds', `it is inf, ${seconds}`],
    ['heartbeat-dead-seconds = -inf', 'heartbeat-dead-seconds', `it is -inf, ${seconds}`],
    ['command-folders = [nan, "/a"]', 'command-folders', `it is [nan,"/a"], ${folders}`],
    ['heartbeat-dead-seconds = 3601', 'heartbeat-dead-seconds', `it is 3601, ${seconds}`],
    ['heartbeat-dead-seconds = "5"', 'heartbeat-dead-seconds', `it is "5", ${seconds}`],
    ['  heartbeat-interval-seconds=0.05', 'heartbeat-interval-seconds', `it is 0.05, ${seconds}`],
    ['"heartbeat-interval-seconds" = true', 'heartbeat-interval-seconds', `it is true, ${seconds}`],
    ['[log-level]', 'log-level', `it is {}, ${levels}`],
    ['[[drivers]]', 'drivers', 'it is [{}], wanted a list such as ["auto", "folder:/run/guests"]'],
    ['log-level.verbose = true', 'log-level', `it is {"verbose":true}, ${levels}`],
  ]
  for (const [line, key, complaint] of cases) {
    const { root, path } = rootWith(t, { text: `# first\n\n${line}\n` })
    const message = `Cannot use "${key}" in "${path}", line 3: ${complaint}`
    await t.rejects(
      loadConfig({ side: 'host', root }),
      { name: 'UsageError', code: 'bad-config', message },
      line,
    )
  }
})

test('loadConfig() wants a device as an absolute path', async (t) => {
  for (const key of ['host-to-guest-device', 'guest-to-host-device'] as const) {
    t.match(await loaded(t, { side: 'guest', text: `${key} = "/dev/vport0p1"` }), { [key]: '/dev/vport0p1' })
    const message = `"${key}" in .*, line 1: it is "vport0p1", wanted a path in quotes that begins with "/", e.g. "/dev/vport0p1"$`
    const text = `${key} = "vport0p1"`
    await t.rejects(loaded(t, { side: 'guest', text }), { code: 'bad-config', message: new RegExp(message) })
    await t.rejects(loaded(t, { text }), { message: /there is no such setting/ }, 'a host has none')
  }
})

test('loadConfig() offers the setting that was meant', async (t) => {
  const all =
    'log-level, control-socket, command-folders, state-folder, policy-folder, hooks-folder, extras-folder, audit-file, metrics-listen, drivers, heartbeat-interval-seconds, heartbeat-dead-seconds, dialects'
  const cases: [line: string, key: string, hint: string][] = [
    ['log_level = "info"', 'log_level', '; did you mean "log-level"?'],
    ['driver = []', 'driver', '; did you mean "drivers"?'],
    ['[command-folder]', 'command-folder', '; did you mean "command-folders"?'],
    ['colour = "red"', 'colour', `; the settings are ${all}`],
    ['toString = 1', 'toString', `; the settings are ${all}`],
    ['channel-folder = "/run"', 'channel-folder', `; the settings are ${all}`],
  ]
  for (const [line, key, hint] of cases) {
    const { root, path } = rootWith(t, { text: `${line}\n` })
    const message = `Cannot use "${key}" in "${path}", line 1: there is no such setting${hint}`
    await t.rejects(loadConfig({ side: 'host', root }), { code: 'bad-config', message }, line)
  }
})

test('loadConfig() says where a file is no TOML', async (t) => {
  for (const bad of [
    'log-level "info"',
    'log-level = info',
    'log-level = "info',
    'drivers = [1, 2',
    '\u0000',
  ]) {
    const { root, path } = rootWith(t, { text: `# first\n${bad}\n` })
    const wanted = {
      code: 'bad-config',
      message: new RegExp(`^Cannot read the configuration "${path}", line [23]: [^\\n]+$`),
    }
    await t.rejects(loadConfig({ side: 'host', root }), wanted, bad)
  }
  const twice = rootWith(t, { text: 'drivers = []\ndrivers = []\n' })
  await t.rejects(loadConfig({ side: 'host', root: twice.root }), { message: /line 2: / })
})

test('loadConfig() wants the heartbeat to be dead after more than one interval', async (t) => {
  const { root, path } = rootWith(t, { text: 'heartbeat-dead-seconds = 5' })
  const message = `Cannot use "${path}": "heartbeat-dead-seconds" (5) must be more than "heartbeat-interval-seconds" (5)`
  await t.rejects(loadConfig({ side: 'host', root }), { code: 'bad-config', message })
})

test('configToml() is a file that gives the same configuration', async (t) => {
  const file = { side: 'guest', text: 'channel-folder = "/run/\\"q\\""\ncommand-folders = ["/a b"]' } as const
  const config = await loaded(t, file)
  const text = configToml(config, 'guest')
  t.notMatch(text, 'drivers', 'a guest has no drivers to set')
  t.same(await loaded(t, { side: 'guest', text }), config)
})

test('loadConfig() takes metrics on a loopback address or a UNIX socket, and says that it takes no other', async (t) => {
  t.match(await loaded(t, { text: 'metrics-listen = "127.0.0.1:9464"' }), {
    'metrics-listen': '127.0.0.1:9464',
  })
  t.match(await loaded(t, { side: 'guest', text: 'metrics-listen = "unix:/run/m.sock"' }), {
    'metrics-listen': 'unix:/run/m.sock',
  })
  const { root, path } = rootWith(t, { text: 'metrics-listen = "0.0.0.0:9464"' })
  await t.rejects(loadConfig({ side: 'host', root }), {
    code: 'bad-config',
    message:
      `Cannot use "metrics-listen" in "${path}", line 1: it is "0.0.0.0:9464", wanted "unix:" and a path that begins with "/", ` +
      'or a loopback address and a port, e.g. "127.0.0.1:9464" or "[::1]:9464": metrics are for this machine alone; or "" for none',
  })
})
