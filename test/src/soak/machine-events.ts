/**
 * What happens to a machine and its devices: it stands still, starts anew, is set back, moves, loses a port, has its disk filled.
 */
import { setTimeout as pass } from 'node:timers/promises'
import type { Vm } from '../machine/vm.js'
import { drawMs } from './event.js'
import type { PlanEvent } from './event.js'
import { smallDisk } from './soak-image.js'

const pauseMsMax = 14_000
const lostMsMax = 6000
const awayMsMax = 10_000
const fullMsMax = 8000

/** By name. */
export const machineEvents: Readonly<Record<string, PlanEvent>> = {
  pause: (random, longestMs) => {
    const forMs = drawMs(random, Math.min(pauseMsMax, longestMs))
    return {
      text: `machine paused for ${forMs} ms`,
      run: async ({ machine }) => await machine.standStill(forMs),
    }
  },
  reboot: () => ({ text: 'guest reboots', run: async ({ machine }) => await machine.reboot() }),
  'set-back': (random, longestMs) => {
    const lostMs = drawMs(random, Math.min(lostMsMax, longestMs))
    return {
      text: `machine set back to a snapshot, ${lostMs} ms after it`,
      run: async ({ machine }) => {
        const setBack = await machine.snapshot()
        await pass(lostMs)
        await setBack()
      },
    }
  },
  migrate: () => ({
    text: 'machine moves to another QEMU',
    run: async ({ machine }) => await machine.migrate(),
  }),
  unplug: (random, longestMs) => {
    const index = random.between(0, 1)
    const awayMs = drawMs(random, Math.min(awayMsMax, longestMs))
    return {
      text: `port ${index} unplugged for ${awayMs} ms`,
      run: async ({ machine: { vm } }) => {
        await unplug(vm, index)
        await pass(awayMs)
        await plugIn(vm, index)
      },
    }
  },
  'fill-disk': (random, longestMs) => {
    const fullMs = drawMs(random, Math.min(fullMsMax, longestMs))
    return {
      text: `guest's disk of the audit log full for ${fullMs} ms`,
      run: async ({ machine: { vm } }) => {
        // It fails when the disk is full, as it shall.
        await vm.console.run(`cat /dev/zero > ${smallDisk}/filling 2> /dev/null`)
        await pass(fullMs)
        await vm.console.run(`rm ${smallDisk}/filling`)
      },
    }
  },
}

async function unplug(vm: Vm, index: number): Promise<void> {
  const id = `channel${index}`
  const gone = new Promise<void>((resolve) => {
    const stop = vm.monitor.onEvent(({ name, detail }) => {
      if (name !== 'DEVICE_DELETED' || !JSON.stringify(detail).includes(`"${id}"`)) return
      stop()
      resolve()
    })
  })
  await vm.qmp('device_del', { id })
  await gone
}

async function plugIn(vm: Vm, index: number): Promise<void> {
  await vm.qmp('device_add', {
    driver: 'virtserialport',
    bus: 'virtio-serial0.0',
    chardev: `charchannel${index}`,
    id: `channel${index}`,
    name: vm.ports[index]?.name,
  })
}
