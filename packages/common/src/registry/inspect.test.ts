import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { testFolder, writeCommand } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'
import { inspectCommand } from './inspect.js'

const isRoot = process.geteuid?.() === 0
const script = 'exit 0'

/** A command folder, and beside it one for whatever a link leads to. */
function twoFolders(test: Teardown): { folder: string; elsewhere: string } {
  const top = realpathSync(testFolder(test))
  const [folder, elsewhere] = [join(top, 'commands'), join(top, 'elsewhere')]
  mkdirSync(folder, { mode: 0o755 })
  mkdirSync(elsewhere, { mode: 0o755 })
  return { folder, elsewhere }
}

/** Why the file `name` is refused; fails the test when it is not. */
async function reasonFor(file: { folder: string; name: string }): Promise<string> {
  const inspected = await inspectCommand(file)
  if (!('refused' in inspected)) throw new Error(`not refused: ${JSON.stringify(inspected)}`)
  return inspected.refused.reason
}

test('inspectCommand() takes an executable file', async (t) => {
  const { folder } = twoFolders(t)
  const path = writeCommand({ folder, name: 'good', script })
  t.same(await inspectCommand({ folder, name: 'good' }), {
    command: { name: 'good', kind: 'executable', path, settings: {} },
  })
})

test('inspectCommand() takes a file that only its owner may execute', async (t) => {
  const { folder } = twoFolders(t)
  writeCommand({ folder, name: 'mine', script, mode: 0o700 })
  t.hasProp(await inspectCommand({ folder, name: 'mine' }), 'command')
})

test('inspectCommand() tells a missing file from a refused one', async (t) => {
  const { folder } = twoFolders(t)
  t.same(await inspectCommand({ folder, name: 'absent' }), { missing: true })
  t.same(await inspectCommand({ folder: join(folder, 'absent'), name: 'any' }), { missing: true })
})

test('inspectCommand() refuses what is not executable', async (t) => {
  const { folder } = twoFolders(t)
  const path = writeCommand({ folder, name: 'text', script, mode: 0o644 })
  const reason = 'it is not executable; chmod +x it'
  t.same(await inspectCommand({ folder, name: 'text' }), { refused: { name: 'text', path, reason } })
})

test('inspectCommand() refuses what is not a regular file, without waiting for it', async (t) => {
  const { folder } = twoFolders(t)
  mkdirSync(join(folder, 'directory'))
  execFileSync('mkfifo', ['-m', '755', join(folder, 'fifo')])
  symlinkSync('/dev/null', join(folder, 'device'))
  for (const name of ['directory', 'fifo', 'device']) {
    t.equal(await reasonFor({ folder, name }), 'it is not a regular file', name)
  }
})

test('inspectCommand() refuses a file that others than its owner may write', async (t) => {
  const { folder } = twoFolders(t)
  writeCommand({ folder, name: 'by-group', script, mode: 0o775 })
  writeCommand({ folder, name: 'by-all', script, mode: 0o757 })
  for (const name of ['by-group', 'by-all']) {
    t.equal(
      await reasonFor({ folder, name }),
      'its file may be written by others than its owner; chmod go-w it',
      name,
    )
  }
})

test('inspectCommand() refuses a file in a folder that others than its owner may write', async (t) => {
  const { folder } = twoFolders(t)
  writeCommand({ folder, name: 'good', script })
  for (const mode of [0o775, 0o757, 0o1777]) {
    chmodSync(folder, mode)
    const reason = 'its folder may be written by others than its owner; chmod go-w it'
    t.equal(await reasonFor({ folder, name: 'good' }), reason, mode.toString(8))
  }
})

test(
  'inspectCommand() refuses a file or a folder of another user',
  { skip: !isRoot && 'only root can give a file away' },
  async (t) => {
    const { folder } = twoFolders(t)
    const path = writeCommand({ folder, name: 'given-away', script })
    const reason =
      'is owned by user 12345, neither root nor the user that the daemon runs as; chown it to root'
    chownSync(path, 12345, 0)
    t.equal(await reasonFor({ folder, name: 'given-away' }), `its file ${reason}`)
    chownSync(path, 0, 12345)
    t.hasProp(await inspectCommand({ folder, name: 'given-away' }), 'command', 'the group does not matter')
    chownSync(folder, 12345, 0)
    t.equal(await reasonFor({ folder, name: 'given-away' }), `its folder ${reason}`)
  },
)

test('inspectCommand() follows a link to a good file, and gives the real path', async (t) => {
  const { folder, elsewhere } = twoFolders(t)
  const path = writeCommand({ folder: elsewhere, name: 'real', script })
  symlinkSync('../elsewhere/real', join(folder, 'link'))
  symlinkSync('link', join(folder, 'link-to-link'))
  for (const name of ['link', 'link-to-link']) {
    t.same(await inspectCommand({ folder, name }), {
      command: { name, kind: 'executable', path, settings: {} },
    })
  }
})

test('inspectCommand() refuses a link to a bad file or into a bad folder', async (t) => {
  const { folder, elsewhere } = twoFolders(t)
  const path = writeCommand({ folder: elsewhere, name: 'real', script, mode: 0o775 })
  symlinkSync(path, join(folder, 'link'))
  t.match(await reasonFor({ folder, name: 'link' }), 'its file may be written by others')
  chmodSync(path, 0o755)
  chmodSync(elsewhere, 0o777)
  t.match(await reasonFor({ folder, name: 'link' }), 'its folder may be written by others')
})

test('inspectCommand() refuses links that lead nowhere or in a circle', async (t) => {
  const { folder } = twoFolders(t)
  symlinkSync('absent', join(folder, 'dangling'))
  symlinkSync('circle', join(folder, 'circle'))
  t.equal(await reasonFor({ folder, name: 'dangling' }), 'it is a link that leads nowhere')
  t.equal(await reasonFor({ folder, name: 'circle' }), 'it cannot be looked at: ELOOP')
})

test('inspectCommand() names no path in its reasons, for the other side reads them', async (t) => {
  const { folder } = twoFolders(t)
  writeCommand({ folder, name: 'text', script, mode: 0o644 })
  mkdirSync(join(folder, 'directory'))
  symlinkSync('absent', join(folder, 'dangling'))
  for (const name of ['text', 'directory', 'dangling']) t.notMatch(await reasonFor({ folder, name }), folder)
})
