import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { SystemError } from '../errors.js'
import { testFolder, writeCommand } from '../test-folder.js'
import { scanFolders } from './scan.js'

const script = 'exit 0'

test('scanFolders() lists commands by name, those of all folders together', async (t) => {
  const [first, second] = [testFolder(t), testFolder(t)]
  for (const name of ['zebra', 'apple']) writeCommand({ folder: first, name, script })
  writeCommand({ folder: second, name: 'mango', script })
  const { commands, refused } = await scanFolders([first, second])
  t.same([...commands.keys()], ['apple', 'mango', 'zebra'])
  t.same(refused, [])
})

test('scanFolders() takes the file of the first folder for each name', async (t) => {
  const [first, second] = [testFolder(t), testFolder(t)]
  const own = writeCommand({ folder: first, name: 'hello', script })
  writeCommand({ folder: second, name: 'hello', script })
  const { commands } = await scanFolders([first, second])
  t.equal(commands.get('hello')?.path, own)
})

test('scanFolders() lets a refused file stand before a good one of a later folder', async (t) => {
  const [first, second] = [testFolder(t), testFolder(t)]
  writeCommand({ folder: first, name: 'hello', script, mode: 0o644 })
  symlinkSync('absent', join(first, 'uptime'))
  for (const name of ['hello', 'uptime']) writeCommand({ folder: second, name, script })
  const { commands, refused } = await scanFolders([first, second])
  t.equal(commands.size, 0, 'an override that is broken must not run what it was put there to replace')
  t.same(
    refused.map(({ name }) => name),
    ['hello', 'uptime'],
  )
})

test('scanFolders() passes over files that are no commands, without a word', async (t) => {
  const folder = testFolder(t)
  for (const name of ['.hidden', 'name~', 'hello.toml', `${'a'.repeat(65)}`, '-option'])
    writeFileSync(join(folder, name), '')
  writeCommand({ folder, name: 'a'.repeat(64), script })
  const { commands, refused } = await scanFolders([folder])
  t.same([...commands.keys()], ['a'.repeat(64)])
  t.same(refused, [])
})

test('scanFolders() takes a folder that does not exist for an empty one', async (t) => {
  const folder = testFolder(t)
  writeCommand({ folder, name: 'hello', script })
  const { commands } = await scanFolders([join(folder, 'absent'), folder])
  t.same([...commands.keys()], ['hello'])
  t.same((await scanFolders([])).commands.size, 0)
})

test('scanFolders() names the folder that it cannot read, and why', async (t) => {
  const folder = join(testFolder(t), 'commands')
  writeFileSync(folder, 'a file where a folder should be')
  const message = `Cannot read the command folder "${folder}": ENOTDIR`
  await t.rejects(scanFolders([folder]), new SystemError(message, { code: 'command-folder-unreadable' }))
})

test(
  'scanFolders() says when it may not read a folder',
  { skip: process.geteuid?.() === 0 && 'root may' },
  async (t) => {
    const folder = join(testFolder(t), 'commands')
    mkdirSync(folder, { mode: 0o300 })
    await t.rejects(scanFolders([folder]), { code: 'command-folder-unreadable', message: /EACCES/ })
  },
)
