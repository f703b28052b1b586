import { execa } from 'execa'
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import { placeFiles, writeDisk } from './disk.js'

test('placeFiles() gives files the modes that they shall have in the guest', async (t) => {
  const folder = t.testdir({ etc: { old: 'kept', motd: 'replaced' } })
  await placeFiles({
    folder,
    files: [
      { to: '/etc/motd', content: 'new' },
      { to: '/usr/bin/program', content: '#!/bin/sh\n', mode: 0o755 },
      { to: '/etc/link', target: '/dev/null' },
    ],
  })
  t.strictSame((await readdir(join(folder, 'etc'))).toSorted(), ['link', 'motd', 'old'])
  t.equal(await readFile(join(folder, 'etc/motd'), 'utf8'), 'new')
  t.equal((await stat(join(folder, 'usr/bin/program'))).mode & 0o777, 0o755)
})

test('writeDisk() makes a file system with the folder in it, modes and all', async (t) => {
  const home = t.testdir({ contents: {} })
  const folder = join(home, 'contents')
  const path = join(home, 'a.ext4')
  await mkdir(join(folder, 'deep'), { recursive: true })
  await writeFile(join(folder, 'deep/secret'), 'found\n')
  await chmod(join(folder, 'deep/secret'), 0o600)
  await writeDisk({ folder, path, sizeMb: 8 })
  const ask = async (request: string): Promise<string> =>
    (
      await execa('debugfs', ['-R', request, path], {
        env: { PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
      })
    ).stdout
  t.equal(await ask('cat /deep/secret'), 'found')
  t.match(await ask('stat /deep/secret'), /Mode:\s+0600/)
})

test('writeDisk() leaves nothing behind when the folder does not fit', async (t) => {
  const home = t.testdir({ contents: { big: 'x'.repeat(9 * 1024 * 1024) }, disks: {} })
  const disks = join(home, 'disks')
  const disk = writeDisk({ folder: join(home, 'contents'), path: join(disks, 'a.ext4'), sizeMb: 4 })
  await t.rejects(disk, /mke2fs/)
  t.strictSame(await readdir(disks), [])
})
