import { test } from 'tap'
import { FakeClock } from '../fake-clock.js'
import { routineRecordMs } from '../limits.js'
import type { AuditRecord } from './audit.js'
import { RoutineRecords } from './routine-records.js'
import { testAudit } from './test-judge.js'

function recordOf(callId: string, differences: Partial<AuditRecord> = {}): AuditRecord {
  return {
    ...{ callId, direction: 'in', via: 'ovirt', command: 'memory-stats' },
    caller: { name: 'host' },
    target: { name: 'self' },
    result: { kind: 'exited', code: 0 },
    startedMs: 0,
    stages: { waitMs: 0, decideMs: 0, startMs: 0, runMs: Math.random() },
    ...{ stdinBytes: 0, stdoutBytes: callId.length, stderrBytes: 0 },
    ...differences,
  }
}

function routineRecords() {
  const [audit, clock] = [testAudit(), new FakeClock()]
  return { audit, clock, records: new RoutineRecords({ audit, clock }) }
}

/** What was written, as `CALL COUNT`. */
function written({ records }: { readonly records: readonly AuditRecord[] }): readonly string[] {
  return records.map(({ callId, count }) => `${callId} ${count ?? 'alone'}`)
}

test('add() writes the first at once, and those of ten minutes that are like it in one line', async (t) => {
  const { audit, clock, records } = routineRecords()
  for (const callId of ['first', 'second', 'third']) records.add(recordOf(callId))
  t.same(written(audit), ['first alone'])
  await clock.advance(routineRecordMs)
  t.same(written(audit), ['first alone', 'second 2'])
  for (const callId of ['fourth', 'fifth', 'sixth']) records.add(recordOf(callId))
  await clock.advance(routineRecordMs)
  records.add(recordOf('seventh'))
  await clock.advance(routineRecordMs)
  t.same(written(audit).slice(2), ['fourth 3', 'seventh alone'], 'one line each ten minutes from then on')
})

test('add() writes at once whatever is new in a call', (t) => {
  const { audit, records } = routineRecords()
  const differences: readonly Partial<AuditRecord>[] = [
    {},
    { result: { kind: 'exited', code: 1 } },
    { result: { kind: 'denied', reason: 'no rule allows it' } },
    { result: { kind: 'denied', reason: 'another rule denies it' } },
    { rule: '30-local.policy:1' },
    { rule: '30-local.policy:2' },
    { caller: { name: 'another' } },
    { target: { name: 'another' } },
    { command: 'os-info' },
    { via: 'another' },
    { direction: 'relay' },
    { args: ['a'] },
    { argsHash: 'abc' },
  ]
  for (const difference of differences) records.add(recordOf('new', difference))
  t.equal(audit.records.length, differences.length)
  for (const difference of differences) records.add(recordOf('known', difference))
  t.equal(audit.records.length, differences.length)
  t.end()
})

test('add() forgets what was not called for ten minutes, and leaves no timer then', async (t) => {
  const { audit, clock, records } = routineRecords()
  records.add(recordOf('first'))
  await clock.advance(routineRecordMs)
  t.equal(clock.timerCount, 0)
  records.add(recordOf('again'))
  t.same(written(audit), ['first alone', 'again alone'])
  t.equal(clock.timerCount, 1)
})

test('close() writes what is held, and what comes later is written at once', (t) => {
  const { audit, clock, records } = routineRecords()
  for (const callId of ['first', 'second', 'third']) records.add(recordOf(callId))
  records.close()
  t.same(written(audit), ['first alone', 'second 2'])
  records.add(recordOf('late'))
  records.add(recordOf('later'))
  t.same(written(audit).slice(2), ['late alone', 'later alone'])
  t.equal(clock.timerCount, 0)
  t.end()
})
