import { mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { FakeClock } from '../fake-clock.js'
import { auditLookMs, auditQueueBytesMax } from '../limits.js'
import { createLog, silentLog } from '../log.js'
import { testFolder } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'
import { AuditLog } from './audit-log.js'
import { testRecord } from './test-records.js'

interface TestAudit {
  readonly audit: AuditLog
  readonly clock: FakeClock
  readonly path: string
  readonly logged: readonly string[]
  /** Writes a record of this command, and waits until it is written or lost. */
  readonly write: (command: string) => Promise<void>
}

function testAudit(test: Teardown, file = join(testFolder(test), 'log/audit.log')): TestAudit {
  const clock = new FakeClock()
  const logged: string[] = []
  const log = createLog({ level: 'info', format: 'text', write: (line) => void logged.push(line) })
  const audit = new AuditLog({ path: file, clock, log })
  test.teardown(async () => await audit.close())
  const counted = (): number => audit.state.written + audit.state.lost
  const write = async (command: string): Promise<void> => {
    const before = counted()
    audit.write(testRecord({ command }))
    while (counted() === before) await new Promise<void>((resolve) => setImmediate(resolve))
  }
  return { audit, clock, path: file, logged, write }
}

function commandsIn(path: string): readonly unknown[] {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => (JSON.parse(line) as Record<string, unknown>)['command'])
}

test('write() writes whole lines in their order', async (t) => {
  const { audit, path } = testAudit(t)
  await audit.open()
  const names = Array.from({ length: 1000 }, (_, number) => `command-${number}`)
  for (const command of names) audit.write(testRecord({ command }))
  await audit.close()
  t.same(commandsIn(path), names)
  t.match(audit.state, { path, written: 1000, lost: 0, problem: undefined })
})

test('open() makes file and folder that others cannot read', async (t) => {
  const { audit, path } = testAudit(t)
  await audit.open()
  t.equal(statSync(path).mode & 0o137, 0)
  t.equal(statSync(join(path, '..')).mode & 0o027, 0)
})

test('write() begins a new file where the old one was moved away or removed', async (t) => {
  const { clock, path, write } = testAudit(t)
  await write('one')
  renameSync(path, `${path}.1`)
  await write('two')
  t.same(commandsIn(`${path}.1`), ['one', 'two'], 'it looks once a second')
  await clock.advance(auditLookMs)
  await write('three')
  t.same(commandsIn(path), ['three'])
  rmSync(path)
  await clock.advance(auditLookMs)
  await write('four')
  t.same(commandsIn(path), ['four'])
})

test('reopen() looks at once', async (t) => {
  const { audit, path, write } = testAudit(t)
  await write('one')
  renameSync(path, `${path}.1`)
  audit.reopen()
  await write('two')
  t.same([commandsIn(`${path}.1`), commandsIn(path)], [['one'], ['two']])
})

test('write() goes on at the end of a file that was truncated', async (t) => {
  const { path, write } = testAudit(t)
  await write('one')
  truncateSync(path)
  await write('two')
  t.same(commandsIn(path), ['two'])
})

test('a file that cannot be written is told once, and the losses when it can be again', async (t) => {
  const { audit, path, logged, write } = testAudit(t)
  mkdirSync(path, { recursive: true })
  await audit.open()
  await write('one')
  await write('two')
  t.match(audit.state, { written: 0, lost: 2, problem: 'EISDIR' })
  rmSync(path, { recursive: true })
  await write('three')
  t.same(commandsIn(path), ['three'])
  t.match(audit.state, { written: 1, lost: 2, problem: undefined })
  t.match(logged, [
    /Cannot write the audit log; calls go on without a record path=.* error="EISDIR"/,
    /The audit log is written again path=.* lost=2/,
  ])
  t.equal(logged.length, 2)
})

test('a full disk loses records, and no call', async (t) => {
  const { audit, write } = testAudit(t, '/dev/full')
  await write('one')
  t.match(audit.state, { written: 0, lost: 1, problem: 'ENOSPC' })
})

test('a link in place of the file is not followed', async (t) => {
  const folder = testFolder(t)
  symlinkSync(join(folder, 'victim'), join(folder, 'audit.log'))
  const { audit, write } = testAudit(t, join(folder, 'audit.log'))
  await write('one')
  t.match(audit.state, { lost: 1, problem: 'ELOOP' })
})

test('what waits for the disk is bounded, and what is lost is counted', async (t) => {
  const { audit } = testAudit(t)
  const lineBytes = 1000
  const count = Math.ceil((2 * auditQueueBytesMax) / lineBytes)
  const args = ['x'.repeat(lineBytes)]
  for (let number = 0; number < count; number += 1) audit.write(testRecord({ args }))
  await audit.close()
  const { written, lost } = audit.state
  t.equal(written + lost, count)
  t.ok(lost > count / 4, `${lost} of ${count} lost`)
})

test('an empty path keeps no audit log', async (t) => {
  const audit = new AuditLog({ path: '', clock: new FakeClock(), log: silentLog })
  await audit.open()
  audit.write(testRecord())
  await audit.close()
  t.match(audit.state, { path: '', written: 0, lost: 0 })
})
