/**
 * What may happen in a soak. Each event draws what it does when it is planned, so that a seed determines it whatever happens
 * meanwhile, and ends when what it did is over; recovery is waited for elsewhere.
 */
import { setTimeout as pass } from 'node:timers/promises'
import type { Random } from './random.js'
import { tellHostDaemon } from './stage.js'
import type { SoakStage } from './stage.js'

/** One thing that happens. */
export interface PlannedEvent {
  /** For people: what, and how long. */
  readonly text: string
  readonly run: (stage: SoakStage) => Promise<void>
}

type Plan = (random: Random) => PlannedEvent

const pidFile = '/run/negotiator-guest.pid'
const holdFile = '/run/negotiator-guest.hold'

/** The events by name. */
export const soakEvents: Readonly<Record<string, Plan>> = {
  'kill-host-daemon': endHostDaemon('killed', async ({ host }) => await host.killDaemon()),
  'kill-guest-daemon': endGuestDaemon('killed', 'KILL'),
  pause: (random) => {
    const forMs = random.pick([
      random.between(50, 900),
      random.between(900, 4000),
      random.between(8000, 14_000),
    ])
    return {
      text: `machine paused for ${forMs} ms`,
      run: async ({ machine }) => await machine.standStill(forMs),
    }
  },
}

function endHostDaemon(how: string, end: (stage: SoakStage) => Promise<void>): Plan {
  return (random) => {
    const downMs = random.pick([0, random.between(0, 2000), random.between(2000, 10_000)])
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

function endGuestDaemon(how: string, signal: 'KILL' | 'TERM'): Plan {
  return (random) => {
    const downMs = random.pick([0, random.between(0, 2000), random.between(2000, 10_000)])
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
