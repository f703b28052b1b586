import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { testFolder } from '../test-folder.js'
import { configOf, connectToDaemon, secondsOption } from './options.js'
import { testDaemons } from './test-daemons.js'

test('secondsOption() takes seconds with or without fractions, and gives whole milliseconds', (t) => {
  t.equal(secondsOption('30'), 30_000)
  t.equal(secondsOption('0.5'), 500)
  t.equal(secondsOption('1e3'), 1_000_000)
  t.equal(secondsOption('0.0001'), 1, 'never none at all')
  t.end()
})

test('secondsOption() says what it wanted', (t) => {
  for (const text of ['', ' ', '0', '-1', '5s', 'abc', 'NaN', 'Infinity', '1e10']) {
    const message = `Cannot use "${text}" as a time: wanted a number of seconds above 0, e.g. 30 or 0.5`
    t.throws(() => secondsOption(text), { name: 'UsageError', code: 'bad-option', message })
  }
  t.end()
})

test('configOf() lets the command line have the last word on logging', async (t) => {
  const root = testFolder(t)
  const config = join(root, 'host.toml')
  writeFileSync(config, 'log-level = "warn"')
  t.match(await configOf('host', { root, config }), { 'log-level': 'warn' })
  t.match(await configOf('host', { root, config, verbose: true }), { 'log-level': 'debug' })
  t.match(await configOf('host', { root, config, quiet: true }), { 'log-level': 'error' })
})

test('connectToDaemon() takes the socket that the configuration names', async (t) => {
  const { path } = await testDaemons(t)
  const root = testFolder(t)
  const config = join(root, 'host.toml')
  writeFileSync(config, `control-socket = ${JSON.stringify(path)}`)
  const client = await connectToDaemon('host', { root, config })
  t.match(await client.peers(), [{ name: 'web1' }])
  client.close()
  await t.rejects(connectToDaemon('host', { root }), { code: 'daemon-unreachable' })
})
