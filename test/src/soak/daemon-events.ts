/**
 * Daemons that are killed and stopped, and come back.
 */
import { setTimeout as pass } from 'node:timers/promises'
import { drawMs } from './event.js'
import type { PlanEvent } from './event.js'
import { tellHostDaemon } from './stage.js'
import type { SoakStage } from './stage.js'

/** The supervisor of the image writes the one, and starts no daemon while the other is there. */
const pidFile = '/run/negotiator-guest.pid'
const holdFile = '/run/negotiator-guest.hold'
/** Longer than it takes until a silent peer is given up. */
const downMsMax = 10_000

/** By name. */
export const daemonEvents: Readonly<Record<string, PlanEvent>> = {
  'kill-host-daemon': hostDaemon('killed', async ({ host }) => await host.killDaemon()),
  'stop-host-daemon': hostDaemon('stopped', async ({ host }) => await host.stop()),
  'kill-guest-daemon': guestDaemon('killed', 'KILL'),
  'stop-guest-daemon': guestDaemon('stopped', 'TERM'),
}

function hostDaemon(how: string, end: (stage: SoakStage) => Promise<void>): PlanEvent {
  return (random, longestMs) => {
    const downMs = drawMs(random, Math.min(downMsMax, longestMs))
    return {
      text: `host daemon ${how}, down for ${downMs} ms`,
      run: async (stage) => {
        await end(stage)
        await pass(downMs)
        const startedMs = Date.now()
        await stage.host.startDaemon()
        tellHostDaemon(stage, startedMs)
      },
    }
  }
}

function guestDaemon(how: string, signal: 'KILL' | 'TERM'): PlanEvent {
  return (random, longestMs) => {
    const downMs = drawMs(random, Math.min(downMsMax, longestMs))
    return {
      text: `guest daemon ${how}, down for ${downMs} ms`,
      run: async ({ machine: { vm } }) => {
        await vm.console.run(`touch ${holdFile}
          pid=$(cat ${pidFile}); kill -${signal} $pid; while kill -0 $pid 2> /dev/null; do sleep 0.02; done`)
        await pass(downMs)
        await vm.console.run(`rm ${holdFile}`)
      },
    }
  }
}
