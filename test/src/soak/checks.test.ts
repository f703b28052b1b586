import { test } from 'tap'
import { judge } from './checks.js'
import { Ledger } from './ledger.js'
import type { Execution, MadeCall } from './ledger.js'

const call: MadeCall = { id: 'one', direction: 'host-to-guest', atMs: 100_000, timeoutMs: 400, timeline: 0 }
const execution: Execution = { id: 'one', atMs: 100_100, timeline: 0, daemon: 'first' }

/** A call that was made, executed and answered as it should, but for what is told. */
function ledgerOf({
  made = [call],
  executions = [execution],
  results = ['exited 0'],
}: {
  readonly made?: readonly MadeCall[]
  readonly executions?: readonly Execution[]
  readonly results?: readonly string[]
} = {}): Ledger {
  const ledger = new Ledger()
  ledger.daemonStarts.set('first', 0).set('second', 100_050)
  ledger.recoveries.push({ after: 'the beginning', tookMs: 100 })
  ledger.calls.push(...made)
  ledger.executions.push(...executions)
  ledger.results.push(...results.map((text) => ({ id: 'one', atMs: 100_500, timeline: 0, text })))
  return ledger
}

function faults(ledger: Ledger): readonly string[] {
  return judge(ledger).flatMap(({ broken }) => broken)
}

test('judge() has nothing against a call that was executed and answered once', async (t) => {
  t.same(faults(ledgerOf()), [])
})

test('judge() finds a call without a result, and one with two', async (t) => {
  t.match(faults(ledgerOf({ results: [] })), ['one: it has no result'])
  t.match(faults(ledgerOf({ results: ['exited 0', 'lost'] })), ['one: it has 2 results'])
})

test("judge() excuses a guest's call without a result when the guest ended, and no other", async (t) => {
  const ledger = ledgerOf({ made: [{ ...call, direction: 'guest-to-host' }], results: [] })
  ledger.guestEnds.push({ fromMs: call.atMs - 9, toMs: call.atMs - 1 })
  t.match(faults(ledger), ['one: it has no result'])
  ledger.guestEnds.push({ fromMs: call.atMs - 9, toMs: call.atMs + 1 })
  t.same(faults(ledger), [])
})

test('judge() finds a call that was executed twice', async (t) => {
  const again = { ...execution, atMs: 100_200 }
  t.match(faults(ledgerOf({ executions: [execution, again] })), [
    /^one: it was executed 2 times: made at .*Z, executed 100 ms later/,
  ])
})

test('judge() excuses what was in a snapshot and ran in the restored machine, too, and nothing newer', async (t) => {
  const executions = [execution, { ...execution, atMs: 101_000, timeline: 1 }]
  const restoredAt = (takenMs: number): Ledger => {
    const ledger = ledgerOf({ executions })
    ledger.restorations.push({ takenMs, restoredMs: 100_900 })
    return ledger
  }
  t.same(faults(restoredAt(100_050)), [])
  t.match(faults(restoredAt(98_000)), [/^one: it was executed 2 times/])
})

test('judge() takes two calls to which a restored guest gave the same random id for two', async (t) => {
  const ledger = ledgerOf({ made: [{ ...call, direction: 'guest-to-host' }] })
  ledger.restorations.push({ takenMs: 99_000, restoredMs: 101_000 })
  ledger.calls.push({ ...call, direction: 'guest-to-host', atMs: 110_000, timeline: 1 })
  ledger.executions.push({ ...execution, atMs: 110_050, timeline: 1 })
  ledger.results.push({ id: 'one', atMs: 110_200, timeline: 1, text: 'exited 0' })
  t.same(faults(ledger), [])
  ledger.executions.push({ ...execution, atMs: 110_060, timeline: 1 })
  t.match(faults(ledger), [/^one: it was executed 2 times/])
})

test('judge() finds an execution that the result denies, and a result that no execution bears out', async (t) => {
  t.match(faults(ledgerOf({ results: ['unreachable'] })), [
    'one: its result is "unreachable", and it was executed',
  ])
  t.match(faults(ledgerOf({ made: [call], executions: [{ ...execution, id: 'other' }] })), [
    'one: its result is "exited 0", and it was never executed',
    'other: nobody made it',
  ])
})

test('judge() finds an execution after the deadline, unless the machine stood still when the request came', async (t) => {
  const ledger = ledgerOf({ executions: [{ ...execution, atMs: 110_000 }], results: ['lost'] })
  t.match(faults(ledger), [
    /^one: its deadline was 400 ms: made at .*, executed 10000 ms later/,
    /^one: its result was "lost" 500 ms after it was made: made at .*, executed 10000 ms later/,
  ])
  ledger.standstills.push({ fromMs: 90_000, toMs: 90_100 })
  t.equal(faults(ledger).length, 2)
  ledger.standstills.push({ fromMs: 100_050, toMs: 109_900 })
  t.same(faults(ledger), [])
})

test('judge() finds an execution by a daemon that was started after the call was made', async (t) => {
  const executions = [{ ...execution, daemon: 'second' }]
  t.match(faults(ledgerOf({ executions })), [
    /^one: a daemon that was started after it executed it: .* by second/,
  ])
})

test('judge() excuses an execution whose daemon was killed before it could be named', async (t) => {
  t.same(faults(ledgerOf({ executions: [{ ...execution, daemon: 'boot.1' }] })), [])
})

test('judge() finds an event after which calls never succeeded again', async (t) => {
  const ledger = ledgerOf()
  ledger.recoveries.push({ after: 'guest reboots', tookMs: undefined })
  t.same(faults(ledger), ['never after guest reboots'])
})

test('judge() is not content with a soak in which nothing was called', async (t) => {
  t.ok(judge(new Ledger()).every(({ broken }) => broken.length === 1))
})
