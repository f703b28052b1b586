import { test } from 'tap'
import { callCommand, testMachine } from '../test-machine.js'
import { debian12, minimal } from '../test-systems.js'
import { command as cpus } from './cpus.js'
import { command as load } from './load.js'
import { parseNumberList } from './number-list.js'

test('load tells the averages and the tasks', async (t) => {
  const { stdout } = await callCommand(load, { machine: testMachine(t, minimal), args: ['--json'] })
  t.same(JSON.parse(stdout), {
    oneMinute: 0.2,
    fiveMinutes: 0.18,
    fifteenMinutes: 0.12,
    runningTaskCount: 1,
    taskCount: 80,
  })
})

test('cpus tells those that run, are plugged in and could be', async (t) => {
  const told = async (parts: typeof minimal): Promise<unknown> =>
    JSON.parse((await callCommand(cpus, { machine: testMachine(t, parts), args: ['--json'] })).stdout)
  const counts = { onlineCount: 1, presentCount: 2, possibleCount: 4, socketCount: 1, coreCount: 1 }
  t.same(await told(debian12), { ...counts, model: 'QEMU Virtual CPU version 2.5+' })
  const fallback = { onlineCount: 2, presentCount: 2, possibleCount: 2, socketCount: null, coreCount: null }
  t.same(await told(minimal), { ...fallback, model: null }, 'without /sys')
})

test('parseNumberList() reads what the kernel writes, and nothing else', (t) => {
  t.same(parseNumberList('0'), [0])
  t.same(parseNumberList('0-2,5,7-8'), [0, 1, 2, 5, 7, 8])
  for (const text of ['', 'x', '0-', '1,,2', '0-999999', '-1', '0-2 4'])
    t.same(parseNumberList(text), [], text)
  t.end()
})
