import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'tap'

/** Makes garbage of which some lives for a while, and prints the young generation's size in bytes. */
const program = (begin: string): string => `
  import { getHeapSpaceStatistics } from 'node:v8'
  import { keepHeapLean } from ${JSON.stringify(join(import.meta.dirname, 'lean-heap.js'))}
  ${begin}
  let alive = []
  for (let round = 0; round < 3_000_000; round += 1) {
    alive.push({ round })
    if (alive.length > 100_000) alive = []
  }
  console.log(getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size)`

const youngBytes = (begin: string): number =>
  Number(
    execFileSync(process.execPath, ['--input-type=module', '--eval', program(begin)], { encoding: 'utf8' }),
  )

test('keepHeapLean() keeps the young generation small, which grows without it', (t) => {
  const leanBytes = youngBytes('keepHeapLean()')
  const usualBytes = youngBytes('')
  t.comment(`${leanBytes} bytes, without it ${usualBytes}`)
  t.ok(leanBytes < usualBytes / 2)
  t.end()
})

/** Lets much live for a while, drops it, and goes on making a little garbage until it was given back, but not so much that V8 had reason to do so. */
const dropping = (begin: string): string => `
  import { setTimeout as pass } from 'node:timers/promises'
  import { keepHeapLean } from ${JSON.stringify(join(import.meta.dirname, 'lean-heap.js'))}
  ${begin}
  const usedMib = () => process.memoryUsage().heapUsed / 2 ** 20
  let alive = []
  for (let mib = 0; usedMib() < 48; mib += 1) {
    alive.push(Array.from({ length: 30_000 }, (_, index) => ({ mib, index })))
    await pass(1)
  }
  alive = undefined
  for (let round = 0; round < 40 && usedMib() > 24; round += 1) {
    Array.from({ length: 3_000 }, (_, index) => ({ round, index }))
    await pass(20)
  }
  console.log(usedMib())`

const mibAfterDropping = (begin: string): number => {
  const args = ['--max-semi-space-size=1', '--input-type=module', '--eval', dropping(begin)]
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }))
}

test('keepHeapLean() has dead memory given back, which is kept without it', (t) => {
  const leanMib = mibAfterDropping('keepHeapLean()')
  const usualMib = mibAfterDropping('')
  t.comment(`${leanMib} MiB, without it ${usualMib}`)
  t.ok(leanMib < 24)
  t.ok(usualMib > 40)
  t.end()
})
