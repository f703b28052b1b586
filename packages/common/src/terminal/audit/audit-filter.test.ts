import { test } from 'tap'
import { auditLine } from '../../agent/audit-line.js'
import { testRecord } from '../../agent/test-records.js'
import { parseEntry } from './audit-entry.js'
import { countOption, isWanted, resultOption, sinceOption } from './audit-filter.js'

const entry = parseEntry(auditLine(testRecord({ target: { name: 'db', uuid: 'bbbb' } })))
const timeMs = 1_700_000_000_000

test('isWanted() takes what fits everything that is asked for', (t) => {
  for (const filter of [
    {},
    { caller: 'web1' },
    { caller: 'aaaa' },
    { target: 'db' },
    { target: 'bbbb' },
    { command: 'hello' },
    { result: 'exited' },
    { sinceMs: timeMs },
    { caller: 'web1', target: 'db', command: 'hello', result: 'exited', sinceMs: timeMs - 1 },
  ])
    t.equal(isWanted(entry, filter), true, JSON.stringify(filter))
  for (const filter of [
    { caller: 'web' },
    { target: 'web1' },
    { command: 'hell' },
    { result: 'denied' },
    { sinceMs: timeMs + 1 },
    { caller: 'web1', command: 'other' },
  ])
    t.equal(isWanted(entry, filter), false, JSON.stringify(filter))
  t.end()
})

test('isWanted() takes a broken line only where nothing is asked for', (t) => {
  const broken = parseEntry('broken')
  t.equal(isWanted(broken, { caller: undefined }), true)
  t.equal(isWanted(broken, { caller: 'web1' }), false)
  t.equal(isWanted(broken, { sinceMs: 0 }), false)
  t.end()
})

test('sinceOption() takes how long ago, and dates', (t) => {
  t.equal(sinceOption('30s', timeMs), timeMs - 30_000)
  t.equal(sinceOption('5m', timeMs), timeMs - 300_000)
  t.equal(sinceOption('2h', timeMs), timeMs - 7_200_000)
  t.equal(sinceOption('7d', timeMs), timeMs - 604_800_000)
  t.equal(sinceOption('2023-11-14T22:13:20.000Z', 0), timeMs)
  t.equal(sinceOption('2023-11-14 23:13:20+01:00', 0), timeMs)
  t.equal(sinceOption('2026-11-21', 0), new Date(2026, 10, 21).getTime(), 'in the zone of this machine')
  t.equal(sinceOption('2026-11-21 09:30', 0), new Date(2026, 10, 21, 9, 30).getTime())
  t.end()
})

test('a bad option is told with what would be a good one', (t) => {
  const time = 'wanted how long ago, e.g. 30m, 2h or 7d, or a date, e.g. 2026-11-21 or "2026-11-21 09:30"'
  for (const text of ['', 'yesterday', '30', '-5m', '21.11.2026', '2026-13-01'])
    t.throws(() => sinceOption(text, 0), {
      code: 'bad-option',
      message: `Cannot use "${text}" as a time: ${time}`,
    })
  t.throws(() => resultOption('deny'), {
    message: /^Cannot look for the result "deny": there is no such kind; /,
  })
  t.throws(() => resultOption('denyed'), { message: /; did you mean "denied"\?$/ })
  t.equal(resultOption('denied'), 'denied')
  for (const text of ['', '-1', 'x', '1.5', '1000000'])
    t.throws(() => countOption(text), {
      message: `Cannot use "${text}" as a number of lines: wanted a whole number up to 999999`,
    })
  t.equal(countOption('20'), 20)
  t.end()
})
