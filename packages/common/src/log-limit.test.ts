import { test } from 'tap'
import { FakeClock } from './fake-clock.js'
import { logBurstMax, logLineMs } from './limits.js'
import { limitLog } from './log-limit.js'
import { createLog } from './log.js'
import type { Log } from './log.js'

function limited(): { lines: string[]; log: Log; clock: FakeClock } {
  const lines: string[] = []
  const clock = new FakeClock()
  const log = createLog({ level: 'debug', format: 'text', write: (line) => void lines.push(line.trim()) })
  return { lines, clock, log: limitLog(log, clock) }
}

function flood(log: Log, count: number): void {
  for (let nth = 1; nth <= count; nth += 1) log.warn('Bad', { nth })
}

test('limitLog() lets a burst pass as it is, and nothing of a flood after it', (t) => {
  const { lines, log } = limited()
  flood(log, 10_000)
  t.equal(lines.length, logBurstMax)
  t.equal(lines[0], 'warn  Bad nth=1')
  t.equal(lines.at(-1), `warn  Bad nth=${logBurstMax}`)
  t.end()
})

test('limitLog() tells with the next line that passes how many were left out, once', async (t) => {
  const { lines, log, clock } = limited()
  flood(log, logBurstMax + 7)
  await clock.advance(logLineMs * 2)
  log.info('Ready')
  log.info('Ready')
  t.same(lines.slice(logBurstMax), ['info  Ready leftOut=7', 'info  Ready'])
})

test('limitLog() lets a line pass each second of an endless flood', async (t) => {
  const { lines, log, clock } = limited()
  flood(log, logBurstMax)
  for (let second = 0; second < 60; second += 1) {
    await clock.advance(logLineMs)
    flood(log, 100)
  }
  t.equal(lines.length, logBurstMax + 60)
  t.match(lines.at(-1), / leftOut=99$/)
})

test('limitLog() saves no more than one burst for later', async (t) => {
  const { lines, log, clock } = limited()
  await clock.advance(logLineMs * 3600)
  flood(log, 1000)
  t.equal(lines.length, logBurstMax)
})

test('limitLog() counts debug lines apart, so that unseen ones hide nothing', (t) => {
  const { lines, log } = limited()
  for (let nth = 0; nth < 1000; nth += 1) log.debug('Detail')
  log.error('Broken')
  t.equal(lines.length, logBurstMax + 1)
  t.equal(lines.at(-1), 'error Broken')
  t.end()
})

test('limitLog() limits each log that it makes by itself: one source does not silence another', (t) => {
  const lines: string[] = []
  const clock = new FakeClock()
  const log = createLog({ level: 'info', format: 'text', write: (line) => void lines.push(line) })
  flood(limitLog(log, clock), 1000)
  limitLog(log, clock).warn('Another')
  t.equal(lines.at(-1), 'warn  Another\n')
  t.end()
})
