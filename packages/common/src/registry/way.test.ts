import { chmodSync, lchownSync, mkdirSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { linkCountMax } from '../limits.js'
import { testFolder, writeCommand } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'
import { inspectCommand } from './inspect.js'
import type { RefusedFile } from './command.js'

const script = 'exit 0'
const onlyRoot = { skip: process.geteuid?.() !== 0 && 'only root can give a folder away' }
const foreign = 'is owned by user 12345, neither root nor the user that the daemon runs as; chown it to root'

/** `TOP/usr/lib/commands/hello`, and `TOP/opt/tools/real` for a link to lead to. */
function longWay(test: Teardown): { top: string; folder: string; elsewhere: string; real: string } {
  const top = realpathSync(testFolder(test))
  const [folder, elsewhere] = [join(top, 'usr/lib/commands'), join(top, 'opt/tools')]
  for (const path of [folder, elsewhere]) mkdirSync(path, { recursive: true, mode: 0o755 })
  writeCommand({ folder, name: 'hello', script })
  return { top, folder, elsewhere, real: writeCommand({ folder: elsewhere, name: 'real', script }) }
}

async function refusalOf(folder: string, name: string): Promise<Pick<RefusedFile, 'reason' | 'culprit'>> {
  const inspected = await inspectCommand({ folder, name })
  if (!('refused' in inspected)) throw new Error(`not refused: ${JSON.stringify(inspected)}`)
  const { reason, culprit } = inspected.refused
  return { reason, culprit }
}

test('a command is refused when others may write to any folder above it', async (t) => {
  const { top, folder } = longWay(t)
  const reason = 'a folder on the way to it may be written by others than its owner; chmod go-w it'
  for (const culprit of [top, join(top, 'usr'), join(top, 'usr/lib')]) {
    for (const mode of [0o775, 0o757]) {
      chmodSync(culprit, mode)
      t.same(await refusalOf(folder, 'hello'), { reason, culprit })
    }
    chmodSync(culprit, 0o755)
    t.hasProp(await inspectCommand({ folder, name: 'hello' }), 'command')
  }
})

test('a folder above that is sticky is good enough, as /tmp is', async (t) => {
  const { top, folder } = longWay(t)
  chmodSync(join(top, 'usr'), 0o1777)
  t.hasProp(await inspectCommand({ folder, name: 'hello' }), 'command')
  chmodSync(folder, 0o1777)
  t.match(await refusalOf(folder, 'hello'), { reason: /^its folder may be written/, culprit: folder })
})

test('a command is refused when a folder above it belongs to somebody else', onlyRoot, async (t) => {
  const { top, folder } = longWay(t)
  const culprit = join(top, 'usr')
  lchownSync(culprit, 12345, 0)
  t.same(await refusalOf(folder, 'hello'), { reason: `a folder on the way to it ${foreign}`, culprit })
  chmodSync(culprit, 0o1755)
  t.match(await refusalOf(folder, 'hello'), { culprit }, 'who owns a sticky folder can rename what is in it')
})

test('every folder is looked at that a link leads through, the one it comes back from too', async (t) => {
  const { top, folder, elsewhere, real } = longWay(t)
  symlinkSync(real, join(folder, 'absolute'))
  symlinkSync('../../../opt/tools/real', join(folder, 'relative'))
  mkdirSync(join(top, 'aside'), { mode: 0o755 })
  symlinkSync('../../../aside/../opt/./tools//real', join(folder, 'detour'))
  symlinkSync(join(top, 'opt'), join(top, 'aside/opt'))
  symlinkSync(join(top, 'aside/opt/tools/real'), join(folder, 'chain'))
  const throughFolders: readonly [name: string, folders: readonly string[]][] = [
    ['absolute', [join(top, 'opt')]],
    ['relative', [join(top, 'opt')]],
    ['detour', [join(top, 'opt'), join(top, 'aside')]],
    ['chain', [join(top, 'opt'), join(top, 'aside')]],
  ]
  for (const [name, folders] of throughFolders) {
    t.match(await inspectCommand({ folder, name }), { command: { path: real } })
    for (const culprit of folders) {
      chmodSync(culprit, 0o777)
      t.match(await refusalOf(folder, name), { reason: /^a folder on the way to it may be/, culprit }, name)
      chmodSync(culprit, 0o755)
    }
    chmodSync(elsewhere, 0o1777)
    t.match(await refusalOf(folder, name), { reason: /^its folder may be/, culprit: elsewhere }, name)
    chmodSync(elsewhere, 0o755)
  }
})

test('a link that belongs to somebody else is refused', onlyRoot, async (t) => {
  const { top, folder, real } = longWay(t)
  const culprit = join(top, 'shared/link')
  mkdirSync(join(top, 'shared'))
  chmodSync(join(top, 'shared'), 0o1777)
  symlinkSync(real, culprit)
  symlinkSync(culprit, join(folder, 'linked'))
  t.hasProp(await inspectCommand({ folder, name: 'linked' }), 'command')
  lchownSync(culprit, 12345, 0)
  t.same(await refusalOf(folder, 'linked'), { reason: `a link on the way to it ${foreign}`, culprit })
})

test('what was looked at is what is run: a link on the way that is turned round later changes nothing', async (t) => {
  const { top, folder, real } = longWay(t)
  symlinkSync(join(top, 'opt'), join(top, 'current'))
  symlinkSync(join(top, 'current/tools/real'), join(folder, 'linked'))
  const inspected = await inspectCommand({ folder, name: 'linked' })
  mkdirSync(join(top, 'evil/tools'), { recursive: true })
  symlinkSync(join(top, 'evil'), join(top, 'next'))
  renameSync(join(top, 'next'), join(top, 'current'))
  t.match(inspected, { command: { path: real } })
  t.equal(realpathSync(real), real)
})

test('the command folder itself may be reached by links, and those count too', async (t) => {
  const { top, folder } = longWay(t)
  mkdirSync(join(top, 'shared'), { mode: 0o755 })
  symlinkSync(join(top, 'usr'), join(top, 'shared/usr'))
  const linked = join(top, 'shared/usr/lib/commands')
  t.match(await inspectCommand({ folder: linked, name: 'hello' }), {
    command: { path: join(folder, 'hello') },
  })
  chmodSync(join(top, 'shared'), 0o777)
  t.match(await refusalOf(linked, 'hello'), { culprit: join(top, 'shared') })
})

test('as many links are followed as the kernel follows, and not one more', async (t) => {
  const { folder } = longWay(t)
  let target = 'hello'
  for (let count = 1; count <= linkCountMax + 1; count += 1) {
    symlinkSync(target, join(folder, `link${count}`))
    target = `link${count}`
  }
  t.hasProp(await inspectCommand({ folder, name: `link${linkCountMax}` }), 'command')
  t.equal(realpathSync(join(folder, `link${linkCountMax}`)), join(folder, 'hello'))
  const { reason } = await refusalOf(folder, `link${linkCountMax + 1}`)
  t.equal(reason, 'it cannot be looked at: ELOOP')
  t.throws(() => realpathSync.native(join(folder, `link${linkCountMax + 1}`)), { code: 'ELOOP' })
})

test('a link to a file as if it were a folder leads nowhere, as for the kernel', async (t) => {
  const { folder, real } = longWay(t)
  for (const [name, target] of Object.entries({ slash: `${real}/`, below: `${real}/x`, up: `${real}/..` })) {
    symlinkSync(target, join(folder, name))
    t.throws(() => realpathSync.native(join(folder, name)), { code: 'ENOTDIR' }, name)
    t.match(await refusalOf(folder, name), { reason: 'it cannot be looked at: ENOTDIR' }, name)
  }
  symlinkSync('/', join(folder, 'root'))
  t.match(await refusalOf(folder, 'root'), { reason: 'it is not a regular file' })
  rmSync(join(folder, 'root'))
})
