import { stat } from 'node:fs/promises'
import { renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { systemClock } from '../../clock.js'
import { FakeClock } from '../../fake-clock.js'
import { auditPollMs } from '../../limits.js'
import { FileChanges } from './file-changes.js'
import { readAudit } from './read-audit.js'
import { linesOf, TestAuditFile } from './test-audit-file.js'

/** Gives whoever waits for the kernel and the disk time to see what there is. */
async function settle(): Promise<void> {
  for (let round = 0; round < 50; round += 1) await stat('/')
}

interface Following {
  /** The next entry: a command, or a broken line as it is. */
  readonly next: () => Promise<string | undefined>
  readonly stop: () => void
}

function follow(test: Test, file: TestAuditFile): Following {
  const stop = new AbortController()
  const complain = (): void => undefined
  const reading = { path: file.path, filter: {}, clock: systemClock, complain, follow: stop.signal }
  const entries = readAudit(reading)
  test.teardown(async () => {
    stop.abort()
    await entries.return()
  })
  const next = async (): Promise<string | undefined> => {
    const { value } = await entries.next()
    return value?.kind === 'record' ? value.record.command : value?.line
  }
  return { next, stop: () => stop.abort() }
}

test('following shows what comes, and waits for the other half of a line', async (t) => {
  const file = new TestAuditFile(t)
  file.add(linesOf('one'))
  const { next } = follow(t, file)
  t.equal(await next(), 'one')
  const [whole, two] = [next(), linesOf('two')]
  file.add(two.slice(0, 20))
  await settle()
  file.add(two.slice(20))
  t.equal(await whole, 'two')
})

test('following ends when it is told to, while it waits', async (t) => {
  const file = new TestAuditFile(t)
  file.add(linesOf('one'))
  const { next, stop } = follow(t, file)
  t.equal(await next(), 'one')
  const ended = next()
  await settle()
  stop()
  t.equal(await ended, undefined)
})

test('following loses nothing when the file is moved, and what is written to the moved one first comes first', async (t) => {
  const file = new TestAuditFile(t)
  file.add(linesOf('one'))
  const { next } = follow(t, file)
  t.equal(await next(), 'one')
  file.rotate()
  // logrotate's `create`: the new file is there, and the daemon has not noticed yet.
  writeFileSync(file.path, '')
  const second = next()
  await settle()
  writeFileSync(`${file.path}.1`, linesOf('two'), { flag: 'a' })
  t.equal(await second, 'two')
  writeFileSync(`${file.path}.1`, `${linesOf('three')}{"half`, { flag: 'a' })
  file.add(linesOf('four'))
  t.same([await next(), await next(), await next()], ['three', '{"half', 'four'])
})

test('following goes on when the file was removed, or truncated', async (t) => {
  const file = new TestAuditFile(t)
  file.add(linesOf('one'))
  const { next } = follow(t, file)
  t.equal(await next(), 'one')
  rmSync(file.path)
  file.add(linesOf('two'))
  t.equal(await next(), 'two')
  const third = next()
  truncateSync(file.path)
  await settle()
  // Less than there was: only so can it be told from a file that has grown.
  file.add(linesOf('3'))
  t.equal(await third, '3')
})

test('following begins where there are rotated parts only', async (t) => {
  const file = new TestAuditFile(t)
  file.addPart('.1', linesOf('one'))
  const { next } = follow(t, file)
  t.equal(await next(), 'one')
  const second = next()
  await settle()
  // Whole from its first instant, so that its coming is the one change.
  writeFileSync(join(dirname(file.path), 'new'), linesOf('two'))
  renameSync(join(dirname(file.path), 'new'), file.path)
  t.equal(await second, 'two')
})

test('next() tells a change that came before it was asked, and does not outlast its signal', async (t) => {
  const file = new TestAuditFile(t)
  const changes = new FileChanges({ path: file.path, clock: systemClock })
  t.teardown(() => changes.close())
  const stop = new AbortController()
  file.add('x')
  await changes.next(stop.signal)
  stop.abort()
  await changes.next(stop.signal)
  t.pass('it does not wait for what nobody wants any more')
})

test('next() looks once a second where the kernel does not tell', async (t) => {
  const clock = new FakeClock()
  const watchFolder = (): never => {
    throw Object.assign(new Error('too many watches'), { code: 'ENOSPC' })
  }
  const changes = new FileChanges({ path: '/nowhere/audit.log', clock, watchFolder })
  t.teardown(() => changes.close())
  let count = 0
  const { signal } = new AbortController()
  void changes.next(signal).then(() => (count += 1))
  await clock.advance(auditPollMs - 1)
  t.equal(count, 0)
  await clock.advance(1)
  t.equal(count, 1)
})
