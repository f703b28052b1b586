import { test } from 'tap'
import type { StageTimings } from '../wire/timings.js'
import { timingTable } from './timing.js'

const none: StageTimings = { side: 'host', waitMs: 0, decideMs: 0, startMs: 0, runMs: 0 }

test('timingTable() shows each stage, and the ways between them as what is left', (t) => {
  const host: StageTimings = { ...none, waitMs: 0.1, decideMs: 0.2, runMs: 20 }
  const guest: StageTimings = { side: 'guest', waitMs: 1, decideMs: 2, startMs: 3, runMs: 12 }
  t.equal(
    timingTable({ connectMs: 4, callMs: 21, timings: [host, guest] }),
    [
      'STAGE                                                  MS',
      'connect to the daemon                                4.00',
      'host: wait in line                                   0.10',
      'host: decide                                         0.20',
      'host to guest and back                               2.00',
      'guest: wait in line                                  1.00',
      'guest: decide                                        2.00',
      'guest: start                                         3.00',
      'guest: run                                          12.00',
      'request and answer between program and daemon        0.70',
      'all                                                 25.00',
      '',
    ].join('\n'),
  )
  t.end()
})

test('timingTable() says what an older side does not tell', (t) => {
  t.match(
    timingTable({ connectMs: 4, callMs: 21, timings: undefined }),
    /^the call; the daemon tells no stages +21\.00$/m,
  )
  const timings = [{ ...none, decideMs: 1, runMs: 15 }]
  t.match(
    timingTable({ connectMs: 4, callMs: 21, timings }),
    /^the other side, which tells no stages +15\.00$/m,
  )
  t.end()
})

test('timingTable() shows no stage that a call never came to, and never less than no time', (t) => {
  const told = timingTable({ connectMs: 0, callMs: 1, timings: [{ ...none, decideMs: 2 }] })
  t.notMatch(told, /start|run/)
  t.match(told, /^request and answer between program and daemon +0\.00$/m)
  t.end()
})
