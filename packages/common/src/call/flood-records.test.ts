import { test } from 'tap'
import type { Test } from 'tap'
import { FakeClock, settle } from '../fake-clock.js'
import { callsWaitingMax, floodRecordMs, guestCallsMax } from '../limits.js'
import { until } from '../session/session-pair.js'
import type { Result } from '../wire/result.js'
import type { AuditRecord } from './audit.js'
import { FloodRecords } from './flood-records.js'
import { servedPair } from './test-calls.js'
import type { ServedPair } from './test-calls.js'
import { testAudit } from './test-judge.js'

/** A record of a call, as far as it matters here. */
function recordOf(command: string, kind: 'busy' | 'cancelled'): AuditRecord {
  return {
    callId: command,
    direction: 'in',
    caller: { name: 'web1' },
    target: { name: 'host' },
    command,
    result: { kind, reason: 'r' },
    startedMs: 0,
    stages: { waitMs: 0, decideMs: 0, startMs: 0, runMs: 0 },
    stdinBytes: 0,
    stdoutBytes: 0,
    stderrBytes: 0,
  }
}

function floodRecords() {
  const [audit, clock] = [testAudit(), new FakeClock()]
  const records = new FloodRecords({ audit, clock })
  const add = (callerKey: string, command: string, kind: 'busy' | 'cancelled' = 'busy'): void =>
    records.add({ callerKey, kind, record: () => recordOf(command, kind) })
  return { audit, clock, records, add }
}

/** What was written, as `COMMAND COUNT`. */
function written({ records }: { readonly records: readonly AuditRecord[] }): readonly string[] {
  return records.map(({ command, count }) => `${command} ${count ?? 'alone'}`)
}

test('add() sums up the calls of a second, for each caller and kind of result', async (t) => {
  const { audit, clock, add } = floodRecords()
  for (const command of ['first', 'second', 'third']) add('guest a', command)
  add('guest a', 'left', 'cancelled')
  add('guest b', 'other')
  t.same(audit.records, [], 'nothing is written before')
  await clock.advance(floodRecordMs)
  t.same(written(audit), ['first 3', 'left alone', 'other alone'])
  add('guest a', 'later')
  add('guest a', 'latest')
  await clock.advance(floodRecordMs)
  t.same(written(audit).slice(3), ['later 2'])
})

test('add() makes the record of the first alone', (t) => {
  const { records } = floodRecords()
  let madeCount = 0
  const record = (): AuditRecord => {
    madeCount += 1
    return recordOf('it', 'busy')
  }
  for (let call = 0; call < 100; call += 1) records.add({ callerKey: 'guest a', kind: 'busy', record })
  t.equal(madeCount, 1)
  t.end()
})

test('add() holds one record a caller, and forgets who has left', async (t) => {
  const { clock, records, add } = floodRecords()
  for (let call = 0; call < 1000; call += 1) add(`guest ${call % 10}`, 'it')
  t.same([records.heldCount, clock.timerCount], [10, 1])
  await clock.advance(floodRecordMs)
  t.same([records.heldCount, clock.timerCount], [0, 0])
})

test('close() writes what is held, and what comes later is written at once', (t) => {
  const { audit, clock, records, add } = floodRecords()
  add('guest a', 'held')
  add('guest a', 'more')
  records.close()
  t.same(written(audit), ['held 2'])
  add('guest a', 'late')
  records.close()
  t.same(written(audit).slice(1), ['late alone'])
  t.equal(clock.timerCount, 0)
  t.end()
})

const web1 = { kind: 'guest', name: 'web1', uuid: '6d1f' } as const

/** Calls of a command that there is not, and what comes of them. */
function flood({ run }: ServedPair, callCount: number): readonly Promise<Result>[] {
  return Array.from({ length: callCount }, async (_, nth) => {
    return await run({ command: `c${nth}`, args: [String(nth)] }).stream.result
  })
}

function sumOf(records: readonly AuditRecord[]): number {
  return records.reduce((sum, { count = 1 }) => sum + count, 0)
}

test('a flood of calls is on record to the last one, in few lines', async (t) => {
  const served = await servedPair(t, { caller: web1 })
  const { audit, pair } = served
  // As many as are served at once, and then as many as may wait.
  await Promise.all(flood(served, guestCallsMax))
  t.equal(audit.records.length, guestCallsMax)
  const waiting = flood(served, callsWaitingMax)
  const refused = await Promise.all(flood(served, 500))
  t.ok(refused.every(({ kind }) => kind === 'busy'))
  t.equal(audit.records.length, guestCallsMax, 'nothing is written within the second')
  await pair.clock.advance(floodRecordMs)
  const lines = audit.records.filter(({ result }) => result.kind === 'busy')
  t.match(lines, [
    {
      direction: 'in',
      caller: { name: 'web1', uuid: '6d1f' },
      target: { name: 'host' },
      command: 'c0',
      argsHash: /^[0-9a-f]{64}$/,
      result: { kind: 'busy', reason: /wait at the host already/ },
      count: 500,
    },
  ])
  await pair.clock.advance(60_000)
  await Promise.all(waiting)
  t.equal(sumOf(audit.records), guestCallsMax + callsWaitingMax + 500)
})

/** Fills a guest's rate, and has some more of its calls wait in line. */
async function inLine(t: Test, callCount: number) {
  const served = await servedPair(t, { caller: web1 })
  await Promise.all(flood(served, guestCallsMax))
  const calls = Array.from({ length: callCount }, () => served.run({ command: 'left' }))
  await until(() => served.pair.server.session.callCount === callCount)
  const late = () => served.audit.records.slice(guestCallsMax)
  return { ...served, calls, late }
}

test('calls that are given up in line are on record, too', async (t) => {
  const { calls, late, pair } = await inLine(t, 300)
  for (const { stream } of calls) stream.cancel()
  for (const { stream } of calls) t.match(await stream.result, { kind: 'cancelled' })
  await pair.clock.advance(floodRecordMs)
  t.equal(sumOf(late()), 300)
  t.match(late(), [{ command: 'left', result: { kind: 'cancelled', reason: 'the caller left' }, count: 300 }])
})

test('calls whose caller is gone are on record once the daemon has closed', async (t) => {
  const { calls, dispatcher, late, pair } = await inLine(t, 300)
  pair.caller.channel.close()
  for (const { stream } of calls) t.match(await stream.result, { kind: 'lost' })
  await settle()
  t.same(late(), [])
  await dispatcher.close()
  t.match(late(), [{ result: { kind: 'lost' }, count: 300 }])
  // The line itself has a timer for the next turn.
  await pair.clock.advance(floodRecordMs / 10)
})
