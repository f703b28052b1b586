/**
 * `load`: how busy the machine is.
 */
import type { Load } from '@negotiator/common/system'
import type { SystemCommand } from '../command.js'
import { missing } from '../failure.js'
import { readText } from '../files.js'
import type { Machine } from '../machine.js'

export const command: SystemCommand = {
  name: 'load',
  run: async ({ machine }) => {
    const load = await readLoad(machine)
    const { oneMinute, fiveMinutes, fifteenMinutes, runningTaskCount, taskCount } = load
    return {
      json: load,
      lines: [
        `${oneMinute} ${fiveMinutes} ${fifteenMinutes} (1, 5, 15 minutes)`,
        `${runningTaskCount} of ${taskCount} tasks running`,
      ],
    }
  },
}

/** Such as `0.20 0.18 0.12 1/80 11206`; see proc_loadavg(5). */
async function readLoad(machine: Machine): Promise<Load> {
  const text = await readText(machine, '/proc/loadavg')
  const [, one, five, fifteen, running, all] = /^(\S+) (\S+) (\S+) (\d+)\/(\d+)/.exec(text ?? '') ?? []
  if (all === undefined) throw missing('Cannot tell the load: /proc/loadavg cannot be read; mount /proc')
  return {
    oneMinute: Number(one),
    fiveMinutes: Number(five),
    fifteenMinutes: Number(fifteen),
    runningTaskCount: Number(running),
    taskCount: Number(all),
  }
}
