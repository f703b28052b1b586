import { memoryStatsSchema } from '@negotiator/common/system'
import { writeFileSync } from 'node:fs'
import { test } from 'tap'
import type { Machine } from '../machine.js'
import { callCommand, testMachine } from '../test-machine.js'
import { debian12, minimal } from '../test-systems.js'
import { command as memory } from './memory.js'
import { memoryStatsCommand } from './memory-stats.js'

test('memory is told in bytes', async (t) => {
  const told = async (parts: typeof minimal): Promise<unknown> =>
    JSON.parse((await callCommand(memory, { machine: testMachine(t, parts), args: ['--json'] })).stdout)
  t.same(await told(debian12), {
    totalBytes: 2014268 * 1024,
    freeBytes: 238088 * 1024,
    availableBytes: 1574412 * 1024,
    buffersBytes: 61076 * 1024,
    cachedBytes: 1348200 * 1024,
    swapTotalBytes: 1000444 * 1024,
    swapFreeBytes: 999932 * 1024,
  })
  t.match(await told(minimal), { availableBytes: 170000 * 1024, swapTotalBytes: 0 }, 'an old kernel')
})

/** Lets the machine count on. */
function count(machine: Machine, counts: { uptime: string; faults: number; swapIns: number }): void {
  writeFileSync(`${machine.root}/proc/uptime`, `${counts.uptime} 1.00\n`)
  writeFileSync(`${machine.root}/proc/vmstat`, `pgfault ${counts.faults}\npswpin ${counts.swapIns}\n`)
}

test('memory-stats gives rates over a short while first, and since the last call then', async (t) => {
  const machine = testMachine(t, {
    ...debian12,
    wait: async () => Promise.resolve(count(machine, { uptime: '100.50', faults: 1500, swapIns: 0 })),
  })
  count(machine, { uptime: '100.00', faults: 1000, swapIns: 0 })
  const stats = memoryStatsCommand()
  const call = async () =>
    memoryStatsSchema.parse(JSON.parse((await callCommand(stats, { machine, args: ['--json'] })).stdout))
  t.match(await call(), { intervalSeconds: 0.5, pageFaultsPerSecond: 1000, swapInPagesPerSecond: 0 })
  count(machine, { uptime: '110.50', faults: 1600, swapIns: 33 })
  t.match(await call(), { intervalSeconds: 10, pageFaultsPerSecond: 10, swapInPagesPerSecond: 3.3 })
  // A second call at the same moment measures anew; counts that go back are no rate.
  t.match(await call(), { intervalSeconds: 0.01, pageFaultsPerSecond: 0, swapInPagesPerSecond: 0 })
})

test('memory-stats says so where the kernel does not count', async (t) => {
  const { '/proc/vmstat': _, ...files } = { '/proc/vmstat': '', ...minimal.files }
  const { exitCode, stderr } = await callCommand(memoryStatsCommand(), { machine: testMachine(t, { files }) })
  t.equal(exitCode, 69)
  t.equal(stderr, 'Cannot tell how busy the memory is: /proc/vmstat cannot be read; mount /proc\n')
})
