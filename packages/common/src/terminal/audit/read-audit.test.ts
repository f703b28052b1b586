import { chmodSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { test } from 'tap'
import { systemClock } from '../../clock.js'
import { readAudit } from './read-audit.js'
import type { AuditReading } from './read-audit.js'
import { linesOf, TestAuditFile } from './test-audit-file.js'

/** What is read: commands, and broken lines as they are. */
async function read(path: string, reading: Partial<AuditReading> = {}): Promise<readonly string[]> {
  const complain = (sentence: string): void => void seen.push(sentence)
  const seen: string[] = []
  for await (const entry of readAudit({ path, filter: {}, clock: systemClock, complain, ...reading }))
    seen.push(entry.kind === 'record' ? entry.record.command : entry.line)
  return seen
}

/** Three files; the names would sort otherwise than they were written. */
function rotatedLog(file: TestAuditFile): void {
  file.addPart('.10.gz', linesOf('one', 'two'))
  file.addPart('.2.gz', linesOf('three'))
  file.addPart('-20261121', linesOf('four'))
  for (const [day, ending] of ['.10.gz', '.2.gz', '-20261121'].entries())
    utimesSync(file.path + ending, day + 1, day + 1)
  file.add(linesOf('five', 'six'))
}

test('readAudit() reads the rotated parts first, packed or not', async (t) => {
  const file = new TestAuditFile(t)
  rotatedLog(file)
  file.addPart('.bak', 'not ours\n')
  file.addPart('er-file', 'not ours\n')
  mkdirSync(`${file.path}.3`)
  t.same(await read(file.path), ['one', 'two', 'three', 'four', 'five', 'six'])
})

test('readAudit() gives the last ones, from as many files as it takes', async (t) => {
  const file = new TestAuditFile(t)
  rotatedLog(file)
  t.same(await read(file.path, { count: 1 }), ['six'])
  t.same(await read(file.path, { count: 4 }), ['three', 'four', 'five', 'six'])
  t.same(await read(file.path, { count: 100 }), ['one', 'two', 'three', 'four', 'five', 'six'])
  t.same(await read(file.path, { count: 0 }), [])
  t.same(await read(file.path, { count: 1, filter: { command: 'two' } }), ['two'])
})

test('readAudit() passes over parts that were written before the time that is asked for', async (t) => {
  const file = new TestAuditFile(t)
  rotatedLog(file)
  file.addPart('.2.gz', 'broken, and so it would be told')
  utimesSync(`${file.path}.2.gz`, 2, 2)
  t.same(await read(file.path, { filter: { sinceMs: 1_700_000_000_000 } }), ['five', 'six'])
})

test('readAudit() tells of broken lines and of half a line at the end, and goes on', async (t) => {
  const file = new TestAuditFile(t)
  file.addPart('.1', `${linesOf('one')}\0\0\0\n{"half`)
  file.add(`garbage\n\n${linesOf('two')}{"time":`)
  t.same(await read(file.path), ['one', '\0\0\0', '{"half', 'garbage', '', 'two', '{"time":'])
})

test('readAudit() tells of a part that cannot be unpacked, and goes on', async (t) => {
  const file = new TestAuditFile(t)
  file.addPart('.1.gz', linesOf('one'))
  writeFileSync(`${file.path}.1.gz`, 'no gzip')
  file.add(linesOf('two'))
  t.same(await read(file.path), [
    `Cannot read "${file.path}.1.gz": Z_DATA_ERROR; the calls in it are missing here`,
    'two',
  ])
})

test('readAudit() reads what was rotated when no new file was begun yet', async (t) => {
  const file = new TestAuditFile(t)
  file.add(linesOf('one'))
  file.rotate()
  t.same(await read(file.path), ['one'])
})

test('readAudit() says what to do when there is no file, or it may not be read', async (t) => {
  const file = new TestAuditFile(t)
  const missing = {
    code: 'audit-unreadable',
    message: `Cannot read the audit log "${file.path}": there is no such file; the daemon makes it when it starts`,
  }
  await t.rejects(read(file.path), missing)
  rmSync(dirname(file.path), { recursive: true })
  await t.rejects(read(file.path), missing)
  await t.rejects(read('/proc/self/mem/audit.log'), { message: /ENOTDIR$/ })
})

test('readAudit() says who may read the file', { skip: process.geteuid === undefined }, async (t) => {
  const file = new TestAuditFile(t)
  file.add(linesOf('one'))
  chmodSync(file.path, 0)
  chmodSync(file.root, 0o755)
  const { seteuid, geteuid } = process
  const userId = geteuid?.() ?? 0
  // Root reads everything, so it is somebody else for a moment.
  if (userId === 0) seteuid?.(65_534)
  try {
    await t.rejects(read(file.path), {
      message:
        /: this user may not read it; run this as root, or as a member of the group that it belongs to$/,
    })
  } finally {
    seteuid?.(userId)
  }
})
