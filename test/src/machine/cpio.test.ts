import { test } from 'tap'
import { archive } from './cpio.js'
import type { ArchiveEntry } from './cpio.js'

function archiveText(entries: readonly ArchiveEntry[]): string {
  return Buffer.concat([...archive(entries)]).toString('latin1')
}

test('archive() writes a file as known bytes, padded to four', (t) => {
  const text = archiveText([{ kind: 'file', path: 'etc/x', mode: 0o755, content: Buffer.from('hello') }])
  const header = [
    '070701', // magic
    '00000001', // inode
    '000081ed', // a regular file, rwxr-xr-x
    '0000000000000000', // root, root
    '00000001', // one link
    '00000000', // dated at the epoch
    '00000005', // five bytes
    '00000000'.repeat(4), // no device
    '00000006', // name with its NUL
    '00000000', // no checksum
  ].join('')
  t.equal(text.slice(0, text.indexOf('070701', 6)), `${header}etc/x\0hello\0\0\0`)
  t.equal(text.length % 4, 0)
  t.end()
})

test('archive() keeps type and target of folders and links', (t) => {
  const text = archiveText([
    { kind: 'folder', path: 'bin', mode: 0o755 },
    { kind: 'link', path: 'bin/sh', target: 'busybox' },
  ])
  t.match(text, /^07070100000001000041ed/)
  t.match(text, /070701000000020000a1ff/)
  t.match(text, /bin\/sh\0+busybox\0/)
  t.end()
})

test('archive() never gives two entries one inode number', (t) => {
  const file = { kind: 'file', mode: 0o644, content: Buffer.alloc(0) } as const
  const text = archiveText([
    { ...file, path: 'a' },
    { ...file, path: 'b' },
  ])
  const inodes = [...text.matchAll(/070701([0-9a-f]{8})/g)].map((match) => match[1])
  t.strictSame(inodes, ['00000001', '00000002', '00000000'])
  t.end()
})

test('archive() ends with the name that the kernel looks for', (t) => {
  t.match(archiveText([]), /TRAILER!!!\0+$/)
  t.end()
})
