import { test } from 'tap'
import { CallTally } from './call-tally.js'
import { stepBoundsMs, TimeHistogram } from './time-histogram.js'
import type { Trace } from './traced-call.js'

function traceOf(result: Trace['result'], stages: Partial<Trace['stages']> = {}): Trace {
  return {
    result,
    startedMs: 0,
    stages: { waitMs: 0, decideMs: 0, startMs: 0, runMs: 0, ...stages },
    stdinBytes: 0,
    stdoutBytes: 0,
    stderrBytes: 0,
  }
}

test('CallTally counts calls by their direction and their result', (t) => {
  const tally = new CallTally()
  tally.add('in', traceOf({ kind: 'exited', code: 0 }))
  tally.add('in', traceOf({ kind: 'exited', code: 7 }))
  tally.add('in', traceOf({ kind: 'denied', reason: 'no' }))
  tally.add('relay', traceOf({ kind: 'exited', code: 0 }))
  t.same(tally.tallied, [
    { direction: 'in', result: 'exited', count: 2 },
    { direction: 'in', result: 'denied', count: 1 },
    { direction: 'relay', result: 'exited', count: 1 },
  ])
  t.end()
})

test('CallTally takes the time of the stages that a call came to', (t) => {
  const tally = new CallTally()
  tally.add('in', traceOf({ kind: 'denied', reason: 'no' }, { waitMs: 1, decideMs: 2 }))
  tally.add('in', traceOf({ kind: 'exited', code: 0 }, { waitMs: 1, decideMs: 1, startMs: 4, runMs: 8 }))
  const told = Object.entries(tally.times).map(([stage, { sumMs, cumulative }]) => [
    stage,
    sumMs,
    cumulative.at(-1),
  ])
  t.same(told, [
    ['wait', 2, 2],
    ['decide', 3, 2],
    ['start', 4, 1],
    ['run', 8, 1],
    ['all', 17, 2],
  ])
  t.end()
})

test('TimeHistogram counts a time with each bound that it does not exceed', (t) => {
  const times = new TimeHistogram()
  for (const durationMs of [0.05, 1, 1.001, 1_000_000]) times.add(durationMs)
  t.same(times.cumulative.length, stepBoundsMs.length + 1)
  const within = (boundMs: number): number | undefined => times.cumulative[stepBoundsMs.indexOf(boundMs)]
  t.same(
    [within(0.1), within(0.5), within(1), within(2.5), within(300_000), times.cumulative.at(-1)],
    [1, 1, 2, 3, 3, 4],
  )
  t.end()
})
