import { test } from 'tap'
import { selfTimes } from './self-times.js'
import type { CpuProfile } from './self-times.js'

const frame = (functionName: string, url = '', lineNumber = 0): CpuProfile['nodes'][number]['callFrame'] => ({
  functionName,
  url,
  lineNumber,
})

const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(idle)') },
    { id: 2, callFrame: frame('push', 'file:///opt/bundle/chunk-2ABCDEFG.js') },
    { id: 3, callFrame: frame('', 'node:fs', 11) },
    { id: 4, callFrame: frame('push', 'file:///opt/bundle/chunk-2ABCDEFG.js', 90) },
  ],
  samples: [3, 1, 2, 4, 1],
  timeDeltas: [9000, 1000, 2000, 3000, 4000],
}

test('selfTimes() adds up what each function took itself, the longest first', (t) => {
  t.strictSame(selfTimes(profile, 1000), [
    { title: 'line 12 (node:fs)', ms: 9 },
    { title: '(idle)', ms: 5 },
    { title: 'push (chunk.js)', ms: 5 },
  ])
  t.end()
})

test('selfTimes() looks at the end alone', (t) => {
  t.strictSame(selfTimes(profile, 6), [
    { title: '(idle)', ms: 4 },
    { title: 'push (chunk.js)', ms: 3 },
  ])
  t.end()
})
