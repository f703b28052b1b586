import { chmodSync, chownSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'tap'
import { settingsBytesMax } from '../limits.js'
import { testFolder, writeCommand } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'
import { inspectCommand } from './inspect.js'
import type { Inspected } from './inspect.js'

const onlyRoot = { skip: process.geteuid?.() !== 0 && 'only root can give a file away' }
const foreign = 'is owned by user 12345, neither root nor the user that the daemon runs as; chown it to root'

function commandFolder(test: Teardown): string {
  const folder = join(realpathSync(testFolder(test)), 'commands')
  mkdirSync(folder, { mode: 0o755 })
  return folder
}

/** A file that is written as an editor of root would. */
function writeText(folder: string, file: { readonly name: string; readonly text: string }): string {
  const path = join(folder, file.name)
  writeFileSync(path, file.text)
  chmodSync(path, 0o644)
  return path
}

async function listenIn(test: Teardown, path: string): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(path, resolve))
  test.teardown(() => server.close())
}

function settingsReason(inspected: Inspected): string {
  const reason =
    'refused' in inspected ? inspected.refused.reason : `not refused: ${JSON.stringify(inspected)}`
  return reason.replace(/^its settings cannot be used: /, '')
}

test('NAME.mjs is a module that is called as NAME, and need not be executable', async (t) => {
  const folder = commandFolder(t)
  const path = writeText(folder, { name: 'tidy.mjs', text: 'export {}' })
  writeText(folder, { name: 'tidy.toml', text: 'summary = "Tidy up"' })
  const command = { name: 'tidy', kind: 'module', path, settings: { summary: 'Tidy up' } }
  t.same(await inspectCommand({ folder, name: 'tidy' }), { command })
  chmodSync(path, 0o664)
  const reason = 'its file may be written by others than its owner; chmod go-w it'
  t.same(await inspectCommand({ folder, name: 'tidy' }), {
    refused: { name: 'tidy', path, reason, culprit: path },
  })
})

test('a socket is a command, whoever may connect to it', async (t) => {
  const folder = commandFolder(t)
  const path = join(folder, 'service')
  await listenIn(t, path)
  for (const mode of [0o777, 0o600, 0o666]) {
    chmodSync(path, mode)
    const command = { name: 'service', kind: 'socket', path, settings: {} }
    t.same(await inspectCommand({ folder, name: 'service' }), { command })
  }
  await listenIn(t, join(folder, 'odd.mjs'))
  t.match(await inspectCommand({ folder, name: 'odd' }), { refused: { reason: 'it is not a regular file' } })
})

test('a socket or a module of another user is refused', onlyRoot, async (t) => {
  const folder = commandFolder(t)
  await listenIn(t, join(folder, 'service'))
  writeText(folder, { name: 'tidy.mjs', text: '' })
  chownSync(join(folder, 'service'), 12345, 0)
  chownSync(join(folder, 'tidy.mjs'), 12345, 0)
  for (const name of ['service', 'tidy'])
    t.match(await inspectCommand({ folder, name }), { refused: { reason: `its file ${foreign}` } })
})

test('a name that is two kinds at once is refused, even when one of them is broken', async (t) => {
  const folder = commandFolder(t)
  const path = writeCommand({ folder, name: 'hello', script: 'exit 0' })
  symlinkSync('absent', join(folder, 'hello.mjs'))
  const reason = 'there are both "hello" and "hello.mjs", and it cannot be told which is meant; remove one'
  t.same(await inspectCommand({ folder, name: 'hello' }), { refused: { name: 'hello', path, reason } })
})

test('a command has the settings of the file beside it, where a link lies and not where it leads', async (t) => {
  const folder = commandFolder(t)
  const elsewhere = join(folder, '..')
  const path = writeCommand({ folder: elsewhere, name: 'real', script: 'exit 0' })
  writeText(elsewhere, { name: 'real.toml', text: 'nice = 1' })
  symlinkSync('../real', join(folder, 'linked'))
  t.match(await inspectCommand({ folder, name: 'linked' }), { command: { path, settings: {} } })
  writeText(folder, { name: 'linked.toml', text: 'nice = 2' })
  t.match(await inspectCommand({ folder, name: 'linked' }), { command: { settings: { nice: 2 } } })
  t.same(await inspectCommand({ folder, name: 'real' }), { missing: true })
})

test('bad settings refuse their command alone, with the line', async (t) => {
  const folder = commandFolder(t)
  for (const name of ['good', 'bad']) writeCommand({ folder, name, script: 'exit 0' })
  const culprit = writeText(folder, { name: 'bad.toml', text: '# Slow.\n\ntimout = "30s"\n' })
  const reason = 'its settings cannot be used: line 3: there is no setting "timout"; did you mean "timeout"?'
  t.same(await inspectCommand({ folder, name: 'bad' }), {
    refused: { name: 'bad', path: join(folder, 'bad'), reason, culprit },
  })
  t.hasProp(await inspectCommand({ folder, name: 'good' }), 'command')
})

test('settings pass the same checks as the command', async (t) => {
  const folder = commandFolder(t)
  writeCommand({ folder, name: 'hello', script: 'exit 0' })
  const path = writeText(folder, { name: 'hello.toml', text: 'nice = 1' })
  const inspect = async (): Promise<string> => settingsReason(await inspectCommand({ folder, name: 'hello' }))
  chmodSync(path, 0o664)
  t.equal(await inspect(), 'their file may be written by others than its owner; chmod go-w it')
  chmodSync(path, 0o644)
  writeFileSync(path, '#'.repeat(settingsBytesMax))
  t.match(await inspect(), 'not refused')
  writeFileSync(path, '#'.repeat(settingsBytesMax + 1))
  t.equal(await inspect(), 'the file is larger than 65536 bytes')
  writeFileSync(path, Buffer.from([0x23, 0xff]))
  t.equal(await inspect(), 'the file is not UTF-8')
})

test('settings of another user, or that lead nowhere, refuse the command', async (t) => {
  const folder = commandFolder(t)
  for (const name of ['one', 'two', 'three']) writeCommand({ folder, name, script: 'exit 0' })
  symlinkSync('absent', join(folder, 'one.toml'))
  mkdirSync(join(folder, 'two.toml'))
  t.equal(settingsReason(await inspectCommand({ folder, name: 'one' })), 'it is a link that leads nowhere')
  t.equal(settingsReason(await inspectCommand({ folder, name: 'two' })), 'they are not a regular file')
  await t.test('of another user', onlyRoot, async (t) => {
    chownSync(writeText(folder, { name: 'three.toml', text: '' }), 12345, 0)
    t.equal(settingsReason(await inspectCommand({ folder, name: 'three' })), `their file ${foreign}`)
  })
})

test(
  'settings that cannot be read refuse the command',
  { skip: process.geteuid?.() === 0 && 'root may read all' },
  async (t) => {
    const folder = commandFolder(t)
    writeCommand({ folder, name: 'hello', script: 'exit 0' })
    chmodSync(writeText(folder, { name: 'hello.toml', text: '' }), 0o000)
    t.equal(settingsReason(await inspectCommand({ folder, name: 'hello' })), 'they cannot be read: EACCES')
  },
)
