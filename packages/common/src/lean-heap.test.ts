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

test('keepHeapLean() keeps it small also beside a worker, whose start lets it grow', (t) => {
  const startWorker = `
    import { Worker } from 'node:worker_threads'
    import { once } from 'node:events'
    const worker = new Worker('setInterval(() => 0, 1000)', { eval: true })
    await once(worker, 'online')
    setImmediate(() => process.exit())`
  const leanBytes = youngBytes(`keepHeapLean()
    ${startWorker}`)
  t.comment(`${leanBytes} bytes`)
  t.ok(leanBytes <= 2 * 2 ** 20)
  t.end()
})

/** Lets 24 MiB live for a while, drops them, makes as much garbage again a little at a time, and prints the most that was held. */
const dropping = (begin: string): string => `
  import { setTimeout as pass } from 'node:timers/promises'
  import { keepHeapLean } from ${JSON.stringify(join(import.meta.dirname, 'lean-heap.js'))}
  ${begin}
  const heldMib = () => process.memoryUsage().heapUsed / 2 ** 20
  const kept = []
  while (heldMib() < 24) kept.push({ at: kept.length })
  let mostMib = 0
  let line = []
  for (let round = 0; round < 400; round += 1) {
    line.push(Array.from({ length: 3_000 }, (_, index) => ({ round, index })))
    if (line.length > 10) line = []
    mostMib = Math.max(mostMib, heldMib())
    await pass(1)
  }
  console.log(mostMib)`

const mostMib = (begin: string): number =>
  Number(
    execFileSync(
      process.execPath,
      ['--max-semi-space-size=1', '--input-type=module', '--eval', dropping(begin)],
      {
        encoding: 'utf8',
      },
    ),
  )

test('keepHeapLean() has what died collected soon, which piles up without it', (t) => {
  const leanMib = mostMib('keepHeapLean()')
  const usualMib = mostMib('')
  t.comment(`${leanMib} MiB at most, without it ${usualMib}`)
  t.ok(leanMib < usualMib * 0.8)
  t.end()
})
