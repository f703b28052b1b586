import { chmodSync, chownSync, lchownSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { testFolder, writeCommand } from '../test-folder.js'
import { commandsCheck } from './commands.js'
import type { Scene } from './scene.js'
import { testScene, testStatus } from './test-scene.js'

async function sceneWith(t: Test, folder: string): Promise<Scene> {
  const scene = await testScene(t)
  return { ...scene, config: { ...scene.config, 'command-folders': [folder] } }
}

test('a command that others may write to is told, and turns green', async (t) => {
  const folder = testFolder(t)
  const path = writeCommand({ folder, name: 'deploy', script: 'true', mode: 0o777 })
  writeCommand({ folder, name: 'fine', script: 'true' })
  const scene = await sceneWith(t, folder)
  t.match(await commandsCheck.look(scene), [
    {
      severity: 'warning',
      code: 'command-refused',
      found: `the command "${path}" is not run: its file may be written by others than its owner`,
      mend: `chmod go-w ${path}`,
    },
    { severity: 'ok', found: '1 command of your own can be called here' },
  ])
  chmodSync(path, 0o755)
  t.same(await commandsCheck.look(scene), [
    { severity: 'ok', found: '2 commands of your own can be called here' },
  ])
})

test('a file that is not executable is told, with the line that makes it so', async (t) => {
  const folder = testFolder(t)
  const path = writeCommand({ folder, name: 'plain', script: 'true', mode: 0o644 })
  t.match(await commandsCheck.look(await sceneWith(t, folder)), [
    { found: `the command "${path}" is not run: it is not executable`, mend: `chmod +x ${path}` },
  ])
})

test('a link is mended where it leads to, and a broken one looked at', async (t) => {
  const [folder, elsewhere] = [testFolder(t), testFolder(t)]
  const real = writeCommand({ folder: elsewhere, name: 'real', script: 'true', mode: 0o775 })
  symlinkSync(real, join(folder, 'linked'))
  symlinkSync('/nowhere', join(folder, 'broken'))
  t.match(await commandsCheck.look(await sceneWith(t, folder)), [
    {
      found: /it is a link that leads nowhere/,
      mend: `Replace or remove it: ls -l ${join(folder, 'broken')}`,
    },
    { code: 'command-refused', mend: `chmod go-w ${real}` },
  ])
  chmodSync(real, 0o755)
  chmodSync(elsewhere, 0o777)
  t.match(await commandsCheck.look(await sceneWith(t, folder)), [
    { found: /broken/ },
    { found: /its folder may be written/, mend: `chmod go-w ${elsewhere}` },
  ])
})

test('a folder that everybody may write to is told once, not with each command', async (t) => {
  const folder = testFolder(t)
  writeCommand({ folder, name: 'one', script: 'true' })
  writeCommand({ folder, name: 'two', script: 'true' })
  chmodSync(folder, 0o777)
  const scene = await sceneWith(t, folder)
  t.match(await commandsCheck.look(scene), [
    { severity: 'warning', code: 'command-folder-unsafe', mend: `chmod go-w ${folder}` },
  ])
  t.equal((await commandsCheck.look(scene)).length, 1)
  chmodSync(folder, 0o755)
  t.match(await commandsCheck.look(scene), [{ severity: 'ok' }])
})

test('settings that cannot be used are told with their line, and turn green', async (t) => {
  const folder = testFolder(t)
  const path = writeCommand({ folder, name: 'deploy', script: 'true' })
  const settings = join(folder, 'deploy.toml')
  writeFileSync(settings, 'timout = "30s"\n', { mode: 0o644 })
  const scene = await sceneWith(t, folder)
  t.match(await commandsCheck.look(scene), [
    {
      severity: 'warning',
      code: 'command-refused',
      found: `the command "${path}" is not run: its settings cannot be used: line 1: there is no setting "timout"; did you mean "timeout"?`,
      mend: `Correct its settings as commands/README.md says, or remove them: ${settings}`,
    },
  ])
  writeFileSync(settings, 'timeout = "30s"\n')
  t.match(await commandsCheck.look(scene), [{ severity: 'ok' }])
  chmodSync(settings, 0o666)
  t.match(await commandsCheck.look(scene), [
    {
      found: `the command "${path}" is not run: its settings cannot be used: their file may be written by others than its owner`,
      mend: `chmod go-w ${settings}`,
    },
  ])
})

test('a name that is two kinds at once is told with both', async (t) => {
  const folder = testFolder(t)
  const path = writeCommand({ folder, name: 'tidy', script: 'true' })
  writeFileSync(`${path}.mjs`, '', { mode: 0o644 })
  const scene = await sceneWith(t, folder)
  t.match(await commandsCheck.look(scene), [
    { found: /there are both "tidy" and "tidy.mjs"/, mend: `rm ${path}.mjs    # or rm ${path}` },
  ])
  rmSync(path)
  t.match(await commandsCheck.look(scene), [{ severity: 'ok' }])
})

test('a folder above that others may write to is told once for all its commands', async (t) => {
  const top = testFolder(t)
  const [above, folder] = [join(top, 'above'), join(top, 'above/commands')]
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  const path = writeCommand({ folder, name: 'one', script: 'true' })
  writeCommand({ folder, name: 'two', script: 'true' })
  chmodSync(above, 0o775)
  const scene = await sceneWith(t, folder)
  t.match(await commandsCheck.look(scene), [
    {
      code: 'command-refused',
      found: `2 commands, such as "${path}", are not run: a folder on the way to it may be written by others than its owner`,
      mend: `chmod go-w ${above}`,
    },
  ])
  t.equal((await commandsCheck.look(scene)).length, 1)
  chmodSync(above, 0o755)
  t.match(await commandsCheck.look(scene), [{ severity: 'ok' }])
})

test(
  'what belongs to somebody else is mended where it lies, a link itself and not where it leads',
  { skip: process.geteuid?.() !== 0 && 'only root can give a file away' },
  async (t) => {
    const [folder, elsewhere] = [testFolder(t), testFolder(t)]
    const real = writeCommand({ folder: elsewhere, name: 'real', script: 'true' })
    const link = join(folder, 'linked')
    symlinkSync(real, link)
    lchownSync(link, 12345, 0)
    const scene = await sceneWith(t, folder)
    t.match(await commandsCheck.look(scene), [
      { found: /a link on the way to it is owned by user 12345/, mend: `chown -h root ${link}` },
    ])
    lchownSync(link, 0, 0)
    chownSync(elsewhere, 12345, 0)
    t.match(await commandsCheck.look(scene), [
      { found: /its folder is owned by user 12345/, mend: `chown root ${elsewhere}` },
    ])
  },
)

test('a folder that does not exist is a note', async (t) => {
  const folder = join(testFolder(t), 'commands')
  const scene = await sceneWith(t, folder)
  t.match(await commandsCheck.look(scene), [
    { severity: 'note', code: 'command-folder-missing', mend: `mkdir -p -m 755 ${folder}` },
  ])
  mkdirSync(folder, { mode: 0o755 })
  t.same(await commandsCheck.look(scene), [])
})

test('a folder that is a file is told, for the daemon does not start with it', async (t) => {
  const folder = testFolder(t)
  const path = writeCommand({ folder, name: 'file', script: 'true' })
  const scene = await sceneWith(t, path)
  t.match(await commandsCheck.look(scene), [
    { severity: 'warning', code: 'command-folder-unreadable', found: /Cannot read the command folder/ },
  ])
  rmSync(path)
})

test('of a daemon of another user, its own view counts', async (t) => {
  const folder = testFolder(t)
  const refused = [{ path: '/c/theirs', reason: 'it is not executable; chmod +x it' }]
  const scene = await sceneWith(t, folder)
  // A process that is gone has no user that would be ours.
  const daemon = { kind: 'answers', status: testStatus({ refused, processId: 2 ** 22 + 1 }) } as const
  t.match(await commandsCheck.look({ ...scene, daemon }), [
    { code: 'command-refused', found: 'the command "/c/theirs" is not run: it is not executable' },
  ])
})

test('a shipped module is looked at by the name that it is called by', async (t) => {
  const [folder, shipped] = [testFolder(t), testFolder(t)]
  const path = writeCommand({ folder: shipped, name: 'tidy.mjs', script: '', mode: 0o666 })
  const refused = [{ path, reason: 'its file may be written by others than its owner; chmod go-w it' }]
  const scene = {
    ...(await sceneWith(t, folder)),
    daemon: { kind: 'answers', status: testStatus({ refused }) } as const,
  }
  t.match(await commandsCheck.look(scene), [{ mend: `chmod go-w ${path}` }])
  chmodSync(path, 0o644)
  t.same(await commandsCheck.look(scene), [])
})

test('a shipped command that the daemon has refused is told, until it is mended', async (t) => {
  const [folder, shipped] = [testFolder(t), testFolder(t)]
  const path = writeCommand({ folder: shipped, name: 'hello', script: 'true', mode: 0o644 })
  const refused = [{ path, reason: 'it is not executable; chmod +x it' }]
  const daemon = { kind: 'answers', status: testStatus({ refused }) } as const
  const scene = { ...(await sceneWith(t, folder)), daemon }
  t.match(await commandsCheck.look(scene), [{ code: 'command-refused', mend: `chmod +x ${path}` }])
  chmodSync(path, 0o755)
  t.same(await commandsCheck.look(scene), [], 'although the daemon has not noticed yet')
})
