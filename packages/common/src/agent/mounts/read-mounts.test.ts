import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'tap'
import { testFolder } from '../../test-folder.js'
import type { Teardown } from '../../test-folder.js'
import { configToml, loadConfig } from '../config.js'
import type { Config } from '../config-settings.js'
import type { Side } from '../paths.js'

/** A configuration file with some text in it, and what comes of loading it. */
async function load(
  test: Teardown,
  side: Side,
  text: string,
): Promise<{ path: string; loaded: Promise<Config> }> {
  const root = testFolder(test)
  const path = join(root, 'etc/negotiator', `${side}.toml`)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return { path, loaded: loadConfig({ side, root }) }
}

const mounted = `
log-level = "info"

[[dialects]]
dialect = "appmonitor"
channel = "com.eayun.eayunstack.0"

[[dialects]]
dialect = "/usr/lib/negotiator/dialects/x.mjs"
exchange = "lines"
path = "/run/x.sock"
options = { word = "hello" }
`

test('readMounts() takes tables of dialects, and config prints them as they were', async (t) => {
  const { loaded } = await load(t, 'guest', mounted)
  const { dialects } = await loaded
  t.match(dialects, [
    { dialect: 'appmonitor', exchange: 'lines', channel: 'com.eayun.eayunstack.0', path: undefined },
    { dialect: '/usr/lib/negotiator/dialects/x.mjs', path: '/run/x.sock', options: { word: 'hello' } },
  ])
  const again = await load(t, 'guest', configToml(await loaded, 'guest'))
  t.same((await again.loaded).dialects, dialects)
})

test('readMounts() takes a path on a host that tells its guests apart', async (t) => {
  const text = '[[dialects]]\ndialect = "appmonitor"\npath = "/run/{uuid}.sock"'
  const { loaded } = await load(t, 'host', text)
  t.match((await loaded).dialects, [{ path: '/run/{uuid}.sock' }])
})

test('readMounts() takes the path of a module for an exchange, on both sides', async (t) => {
  const text = (path: string): string =>
    `[[dialects]]\ndialect = "appmonitor"\nexchange = "/usr/lib/x.mjs"\npath = "${path}"`
  for (const [side, path] of [
    ['guest', '/run/x.sock'],
    ['host', '/run/{uuid}.sock'],
  ] as const) {
    const { loaded } = await load(t, side, text(path))
    t.match((await loaded).dialects, [{ exchange: '/usr/lib/x.mjs', path }])
  }
})

const dialects = 'one of appmonitor, openstack, ovirt, or the path of a module in quotes'
const exchanges = 'one of lines, xenstore, or the path of a module in quotes'
const path = 'wanted a path in quotes that begins with "/"'
const port = 'wanted the name of a virtio port in quotes, other than our own two, e.g. "com.example.agent.0"'

interface Case {
  readonly side?: Side
  /** What stands in the second table, from line 5 on. */
  readonly lines: readonly string[]
  readonly what: string
  readonly line: number
  readonly complaint: string
}

const cases: readonly Case[] = [
  {
    lines: ['dialect = "appmonitor"', 'chanel = "x"'],
    what: '"chanel" of table 2',
    line: 6,
    complaint: 'there is no such setting; did you mean "channel"?',
  },
  {
    lines: ['dialect = "appmonitor"', 'colour = "x"'],
    what: '"colour" of table 2',
    line: 6,
    complaint: 'there is no such setting; the settings are dialect, exchange, channel, path, options',
  },
  {
    lines: ['channel = "x"'],
    what: 'table 2',
    line: 4,
    complaint: `it has no "dialect"; wanted ${dialects}`,
  },
  {
    lines: ['dialect = "appmonitr"'],
    what: '"dialect" of table 2',
    line: 5,
    complaint: `it is "appmonitr", wanted ${dialects}; did you mean "appmonitor"?`,
  },
  { lines: ['dialect = 7'], what: '"dialect" of table 2', line: 5, complaint: `it is 7, wanted ${dialects}` },
  {
    lines: ['dialect = "x.mjs"'],
    what: '"dialect" of table 2',
    line: 5,
    complaint: `it is "x.mjs", wanted ${dialects}`,
  },
  {
    lines: ['dialect = "appmonitor"', 'exchange = "line"'],
    what: '"exchange" of table 2',
    line: 6,
    complaint: `it is "line", wanted ${exchanges}; did you mean "lines"?`,
  },
  {
    lines: ['dialect = "appmonitor"', 'exchange = true'],
    what: '"exchange" of table 2',
    line: 6,
    complaint: `it is true, wanted ${exchanges}`,
  },
  {
    lines: ['dialect = "appmonitor"'],
    what: 'table 2',
    line: 4,
    complaint: 'the exchange "lines" on a guest needs "channel" or "path", one of them',
  },
  {
    lines: ['dialect = "appmonitor"', 'channel = "x"', 'path = "/x"'],
    what: 'table 2',
    line: 4,
    complaint: 'the exchange "lines" on a guest needs "channel" or "path", one of them',
  },
  ...['7', '""', '"../x"', '"a/b"', '".x"', '"negotiator-host-to-guest.0"'].map((value) => ({
    lines: ['dialect = "appmonitor"', `channel = ${value}`],
    what: '"channel" of table 2',
    line: 6,
    complaint: `it is ${value}, ${port}`,
  })),
  {
    lines: ['dialect = "appmonitor"', 'path = "x"'],
    what: '"path" of table 2',
    line: 6,
    complaint: `it is "x", ${path}`,
  },
  {
    lines: ['dialect = "appmonitor"', 'options = 7'],
    what: '"options" of table 2',
    line: 6,
    complaint: 'it is 7, wanted a table, e.g. { timeout-seconds = 30 }',
  },
  {
    lines: ['dialect = "appmonitor"', 'path = "/first"'],
    what: 'table 2',
    line: 4,
    complaint: 'it leads to where the table 1 leads',
  },
  {
    side: 'host',
    lines: ['dialect = "appmonitor"', 'path = "/x"'],
    what: '"path" of table 2',
    line: 6,
    complaint: `it is "/x", ${path} and has {guest} or {uuid} in it, e.g. "/run/guests/{guest}.sock"`,
  },
  {
    side: 'host',
    lines: ['dialect = "appmonitor"', 'channel = "x"'],
    what: '"channel" of table 2',
    line: 6,
    complaint: 'the exchange "lines" on a host has none; wanted "path"',
  },
  {
    side: 'host',
    lines: ['dialect = "appmonitor"'],
    what: 'table 2',
    line: 4,
    complaint: 'the exchange "lines" on a host needs "path"',
  },
  {
    side: 'host',
    lines: ['dialect = "openstack"', 'exchange = "xenstore"', 'path = "/{guest}/x"'],
    what: '"exchange" of table 2',
    line: 6,
    complaint: 'a host has no "xenstore"',
  },
]

test('readMounts() names file, table, line, value and what is wanted', async (t) => {
  for (const { side = 'guest', lines, what, line, complaint } of cases) {
    const first = side === 'guest' ? '/first' : '/{guest}'
    const text = [
      '[[dialects]]',
      'dialect = "appmonitor"',
      `path = "${first}"`,
      '[[dialects]]',
      ...lines,
    ].join('\n')
    const { path, loaded } = await load(t, side, text)
    const message = `Cannot use ${what} of [[dialects]] in "${path}", line ${line}: ${complaint}`
    await t.rejects(loaded, { name: 'UsageError', code: 'bad-config', message }, lines.join(' '))
  }
})

test('loadConfig() wants tables for the dialects', async (t) => {
  for (const value of ['"appmonitor"', '["appmonitor"]', '{ dialect = "appmonitor" }']) {
    const { loaded } = await load(t, 'guest', `\ndialects = ${value}`)
    await t.rejects(loaded, {
      message: /"dialects" in .*, line 2: it is .*, wanted a \[\[dialects\]\] table for each$/,
    })
  }
  const inline = await load(t, 'guest', '\ndialects = [{ dialect = "nosuch" }]')
  await t.rejects(inline.loaded, {
    message: /"dialect" of table 1 of \[\[dialects\]\] in .*, line 2: it is "nosuch"/,
  })
})
