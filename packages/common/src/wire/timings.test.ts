import { test } from 'tap'
import { decodeResult, encodeResult } from './result.js'
import type { Result } from './result.js'
import type { StageTimings } from './timings.js'

const stages: StageTimings = { side: 'guest', waitMs: 0.25, decideMs: 1, startMs: 2.5, runMs: 10 }

function decodeJson(value: unknown): Result {
  return decodeResult(Buffer.from(JSON.stringify(value)))
}

test('decodeResult() gives back the timings that encodeResult() wrote, whatever the ending', (t) => {
  const timings = [{ ...stages, side: 'host' } as const, stages]
  const results: readonly Result[] = [
    { kind: 'exited', code: 0, timings },
    { kind: 'signalled', signal: 'SIGKILL', timings },
    { kind: 'denied', reason: 'no', timings: [stages] },
  ]
  for (const result of results) t.same(decodeResult(encodeResult(result)), result, result.kind)
  t.end()
})

test('decodeResult() leaves out timings that cannot be read, and keeps the result', (t) => {
  const bad: readonly unknown[] = [
    null,
    'soon',
    {},
    [null],
    [stages, 'then'],
    [{ ...stages, side: 'moon' }],
    [{ ...stages, runMs: -1 }],
    [{ ...stages, waitMs: '1' }],
    [{ side: 'host' }],
    Array.from({ length: 5 }, () => stages),
  ]
  for (const timings of bad)
    t.same(
      decodeJson({ kind: 'exited', code: 3, timings }),
      { kind: 'exited', code: 3 },
      JSON.stringify(timings),
    )
  t.end()
})

test('decodeResult() takes no more of timings than it knows', (t) => {
  t.same(decodeJson({ kind: 'exited', code: 3, timings: [{ ...stages, path: '/etc' }] }), {
    kind: 'exited',
    code: 3,
    timings: [stages],
  })
  t.end()
})
