/**
 * Check: do both channels have their port, and each port its device node?
 */
import { stat } from 'node:fs/promises'
import { channelNames, didYouMean } from '@negotiator/common'
import type { ChannelName, Check, Finding } from '@negotiator/common'
import { addChannelsOnHost } from './add-channels.js'
import { hasNoPorts } from './guest-scene.js'
import type { GuestScene, NamedPort } from './guest-scene.js'

/** Looks at the names of the ports and at their nodes. */
export const portsCheck: Check<GuestScene> = {
  name: 'ports',
  look: async (scene) => {
    // That there is no port at all is told by the check that knows why.
    if (hasNoPorts(scene) || scene.ports.length === 0) return []
    return await Promise.all(channelNames.map(async (name) => await look(scene, name)))
  },
}

async function look(scene: GuestScene, name: ChannelName): Promise<Finding> {
  const port = scene.ports.find((port) => port.name === name)
  if (port === undefined) return missing(scene, name)
  const stats = await stat(port.device).catch(() => undefined)
  if (stats === undefined) return withoutNode(port)
  const daemonUser = await daemonUserId(scene)
  const isOwner = daemonUser === stats.uid && (stats.mode & 0o600) === 0o600
  if (daemonUser !== undefined && daemonUser !== 0 && !isOwner)
    return {
      severity: 'warning',
      code: 'port-denied',
      found: `the port "${name}" (${port.device}) belongs to user ${stats.uid}, and the daemon runs as user ${daemonUser}`,
      why: 'A daemon that may not open the port cannot be called, and cannot call.',
      mend: 'Run the daemon as root.',
    }
  return { severity: 'ok', found: `the port "${name}" is there (${port.device})` }
}

function missing({ ports }: GuestScene, name: ChannelName): Finding {
  const others = ports.map((port) => port.name)
  const unknown = others.filter((other) => !channelNames.some((known) => known === other))
  return {
    severity: 'error',
    code: 'port-missing',
    found: `the machine has no port "${name}"; it has ${others.join(', ')}${didYouMean(name, unknown)}`,
    why: 'Both channels are needed, one for each direction, under exactly these names.',
    mend: addChannelsOnHost,
  }
}

function withoutNode({ name, device, numbers }: NamedPort): Finding {
  return {
    severity: 'error',
    code: 'port-node-missing',
    found: `the kernel has the port "${name}", and its device node "${device}" is not there`,
    why: 'The daemon opens the port by its node; udev, mdev or devtmpfs should have made it.',
    mend: `mknod -m 600 ${device} c ${numbers.replace(':', ' ')}\nor have udev make it: udevadm trigger --action=add --subsystem-match=virtio-ports`,
  }
}

async function daemonUserId({ daemon, processes }: GuestScene): Promise<number | undefined> {
  if (daemon.kind !== 'answers') return undefined
  return (await processes.find(daemon.status.processId))?.userId
}
