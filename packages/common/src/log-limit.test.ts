import { test } from 'tap'
import { FakeClock } from './fake-clock.js'
import { createLog } from './log.js'
import { limitLog } from './log-limit.js'

function limited(): { lines: string[]; clock: FakeClock; log: ReturnType<typeof limitLog> } {
  const lines: string[] = []
  const clock = new FakeClock()
  const inner = createLog({ level: 'debug', format: 'text', write: (line) => void lines.push(line.trim()) })
  return { lines, clock, log: limitLog({ log: inner, clock, fields: { peer: 'web1' } }) }
}

test('limitLog() passes a burst, then a line a second', async (t) => {
  const { lines, clock, log } = limited()
  for (let line = 0; line < 1_000; line += 1) log.warn(`line ${line}`)
  t.equal(lines.length, 20)
  t.equal(lines.at(-1), 'warn  line 19')
  await clock.advance(999)
  log.error('too early')
  t.equal(lines.length, 20)
  await clock.advance(1)
  log.error('in time', { code: 3 })
  t.same(lines.slice(20), [
    'warn  Lines were left out, for there were too many peer="web1" count=981',
    'error in time code=3',
  ])
  t.end()
})

test('limitLog() bounds a flood of an hour', async (t) => {
  const { lines, clock, log } = limited()
  for (let second = 0; second < 3_600; second += 1) {
    for (let line = 0; line < 50; line += 1) log.info('A session ended')
    await clock.advance(1_000)
  }
  t.ok(lines.length <= 20 + 2 * 3_600, `${lines.length} lines`)
})

test('limitLog() leaves a quiet log alone, and has its burst again after quiet', async (t) => {
  const { lines, clock, log } = limited()
  for (let round = 0; round < 3; round += 1) {
    for (let line = 0; line < 20; line += 1) log.info('quiet')
    await clock.advance(20_000)
  }
  t.equal(lines.length, 60)
  t.notOk(lines.some((line) => line.includes('left out')))
})

test('limitLog() does not count debug lines, and each wrapper counts for itself', (t) => {
  const { lines, clock, log } = limited()
  for (let line = 0; line < 100; line += 1) log.debug('detail')
  t.equal(lines.length, 100)
  for (let line = 0; line < 100; line += 1) log.warn('noisy')
  const other = limitLog({ log, clock })
  other.info('left out by the wrapper below')
  t.equal(lines.length, 120)
  t.end()
})
