import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { test } from 'tap'
import { imageEntries } from './image-contents.js'

test('imageEntries() gives folders before their files, owned and written by root alone', async (t) => {
  const folder = t.testdir({
    commands: { hello: '#!/bin/sh\n', 'notes.txt': 'text', same: t.fixture('symlink', 'hello') },
  })
  await chmod(join(folder, 'commands/hello'), 0o777)
  await chmod(join(folder, 'commands/notes.txt'), 0o666)
  const entries = await imageEntries([{ from: join(folder, 'commands'), to: '/usr/lib/commands' }])
  t.strictSame(
    entries.map((entry) => [entry.path, 'mode' in entry ? entry.mode : 0]),
    [
      ['usr', 0o755],
      ['usr/lib', 0o755],
      ['usr/lib/commands', 0o755],
      ['usr/lib/commands/hello', 0o755],
      ['usr/lib/commands/notes.txt', 0o644],
      ['usr/lib/commands/same', 0o755],
    ],
  )
})

test('imageEntries() lets the later of two files with one path win', async (t) => {
  const entries = await imageEntries([
    { to: '/sh', target: 'busybox' },
    { to: '/sh', content: 'mine', mode: 0o700 },
  ])
  t.strictSame(entries, [{ kind: 'file', path: 'sh', mode: 0o700, content: Buffer.from('mine') }])
})

test('imageEntries() brings the libraries and the loader that a program needs', async (t) => {
  const entries = await imageEntries([{ from: execPath, to: '/usr/bin/node' }])
  const paths = entries.map(({ path }) => path)
  t.ok(paths.some((path) => path.endsWith('/libc.so.6')))
  t.ok(paths.some((path) => /ld-linux/.test(path)))
})
