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
