import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { testFolder } from '../test-folder.js'
import { sha256Of, unpackFiles } from './unpack.js'
import type { CarriedFile } from './unpack.js'

const hello = carried('hello', '#!/bin/sh\necho hello\n')
const bye = carried('bye', '#!/bin/sh\necho bye\n')

function carried(name: string, text: string): CarriedFile {
  return { name, content: () => text, sha256: sha256Of(text), mode: 0o755 }
}

test('unpackFiles() makes the folder and the files, whatever the umask is', async (t) => {
  const folder = join(testFolder(t), 'var/lib/commands')
  const umask = process.umask(0o077)
  try {
    await unpackFiles({ folder, files: [hello] })
  } finally {
    process.umask(umask)
  }
  t.equal(statSync(folder).mode & 0o777, 0o755)
  t.equal(statSync(join(folder, 'hello')).mode & 0o777, 0o755)
  t.equal(readFileSync(join(folder, 'hello'), 'utf8'), hello.content())
})

test('unpackFiles() lets nobody else write to the folders above, whatever the umask is', async (t) => {
  const top = testFolder(t)
  const umask = process.umask(0)
  try {
    await unpackFiles({ folder: join(top, 'var/lib/commands'), files: [hello] })
  } finally {
    process.umask(umask)
  }
  for (const name of ['var', 'var/lib']) t.equal(statSync(join(top, name)).mode & 0o777, 0o755, name)
})

test('unpackFiles() leaves alone what is right, mends what is not, and removes what it did not put there', async (t) => {
  const folder = join(testFolder(t), 'commands')
  await unpackFiles({ folder, files: [hello, bye] })
  const inode = (name: string): number => statSync(join(folder, name)).ino
  const [before, other] = [inode('hello'), inode('bye')]
  writeFileSync(join(folder, 'bye'), '#!/bin/sh\necho bad\n')
  mkdirSync(join(folder, 'left-over'))
  await unpackFiles({ folder, files: [hello, bye] })
  t.equal(inode('hello'), before, 'not written again')
  t.not(inode('bye'), other, 'replaced, not written over: it may be running')
  t.equal(readFileSync(join(folder, 'bye'), 'utf8'), bye.content())
  chmodSync(join(folder, 'bye'), 0o644)
  await unpackFiles({ folder, files: [bye] })
  t.equal(statSync(join(folder, 'bye')).mode & 0o777, 0o755)
  t.strictSame(readdirSync(folder), ['bye'])
})

test('unpackFiles() refuses a folder that others can write to', async (t) => {
  const folder = testFolder(t)
  chmodSync(folder, 0o775)
  await t.rejects(unpackFiles({ folder, files: [hello] }), {
    code: 'unpack-failed',
    message: `Cannot unpack into "${folder}": others than its owner may write to it; chmod go-w it`,
  })
  t.strictSame(readdirSync(folder), [])
})

test('unpackFiles() says why when there can be no folder', async (t) => {
  const file = join(testFolder(t), 'file')
  writeFileSync(file, '')
  await t.rejects(unpackFiles({ folder: join(file, 'commands'), files: [hello] }), {
    code: 'unpack-failed',
    message: `Cannot unpack into "${join(file, 'commands')}": ENOTDIR`,
  })
})
