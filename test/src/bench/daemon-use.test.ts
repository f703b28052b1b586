import { test } from 'tap'
import { ratesOf, useOf } from './daemon-use.js'

const twoThreads = `Name:\tnode
VmRSS:\t   51200 kB
voluntary_ctxt_switches:\t40
nonvoluntary_ctxt_switches:\t999
Name:\tnode
VmRSS:\t   51200 kB
voluntary_ctxt_switches:\t2
nonvoluntary_ctxt_switches:\t999
300000000 5 6
1000000 7 8
`

test('useOf() counts all threads, and their memory once', (t) => {
  t.strictSame(useOf(twoThreads), { mib: 50, sleeps: 42, cpuMs: 301 })
  t.end()
})

test('useOf() does not take silence for a daemon that does nothing', (t) => {
  t.throws(() => useOf(''), { message: 'Cannot read what a daemon uses: the kernel says ""' })
  t.throws(() => useOf('VmRSS: 1 kB\n'), { message: /^Cannot read what a daemon uses/ })
  t.end()
})

test('ratesOf() is for a second', (t) => {
  const before = { mib: 50, sleeps: 40, cpuMs: 300 }
  const rates = ratesOf({ before, after: { mib: 51, sleeps: 60, cpuMs: 350 }, seconds: 5 })
  t.strictSame(rates, { wakeUpsPerS: 4, cpuMsPerS: 10 })
  t.end()
})
