/**
 * Check: who holds the ports? The kernel admits one opener to each.
 */
import { channelNames, isDaemon, nameOf } from '@negotiator/common'
import type { ChannelName, Check, Finding, RunningProcess } from '@negotiator/common'
import { hasNoPorts } from './guest-scene.js'
import type { GuestScene } from './guest-scene.js'

/** Looks at who has the ports open, in /proc: opening one that is free would take it from a daemon that starts. */
export const holdersCheck: Check<GuestScene> = {
  name: 'holders',
  look: async (scene) => {
    if (hasNoPorts(scene)) return []
    return (await Promise.all(channelNames.map(async (name) => await look(scene, name)))).flat()
  },
}

async function look(scene: GuestScene, name: ChannelName): Promise<readonly Finding[]> {
  const port = scene.ports.find((port) => port.name === name)
  if (port === undefined) return []
  const [holder] = await scene.processes.openersOf(port.device)
  if (holder === undefined) return unheld(scene, name)
  return [isOurs(scene, holder) ? ours(name, holder) : foreign({ name, device: port.device, holder })]
}

function isOurs({ daemon, side }: GuestScene, holder: RunningProcess): boolean {
  return daemon.kind === 'answers' ? holder.id === daemon.status.processId : isDaemon(holder.argv, { side })
}

/** Whether that is the trouble or only not to be seen from here. */
function unheld({ daemon }: GuestScene, name: ChannelName): readonly Finding[] {
  // Told by the check of the daemon.
  if (daemon.kind !== 'answers') return []
  if (process.geteuid?.() !== 0)
    return [
      {
        severity: 'note',
        code: 'holders-hidden',
        found: `who holds the port "${name}" cannot be seen from here`,
        why: "Only root may look at other users' processes.",
        mend: 'sudo negotiator-guest doctor',
      },
    ]
  return [
    {
      severity: 'warning',
      code: 'port-not-open',
      found: `the daemon runs, and has not opened the port "${name}"`,
      why: 'It tries every few seconds; its log says why it could not.',
      mend: 'Run this again in five seconds. If it stays so: journalctl -u negotiator-guest',
    },
  ]
}

function ours(name: ChannelName, holder: RunningProcess): Finding {
  return {
    severity: 'ok',
    found: `${nameOf(holder)} holds the port "${name}"; other programs that open it, python-negotiator's among them, are told "Device or resource busy"`,
  }
}

interface ForeignHolder {
  readonly name: ChannelName
  readonly device: string
  readonly holder: RunningProcess
}

function foreign({ name, device, holder }: ForeignHolder): Finding {
  const found = `${nameOf(holder)} holds the port "${name}" (${device})`
  if (isPythonNegotiator(holder.argv))
    return {
      severity: 'error',
      code: 'port-held',
      found: `${found}: python-negotiator`,
      why: 'The kernel admits one opener, so the old daemon and this one exclude each other. This one answers old hosts, too.',
      mend: `Stop and disable the old one (in supervisord or systemd; now: kill ${holder.id}), then: systemctl restart negotiator-guest`,
    }
  return {
    severity: 'error',
    code: 'port-held',
    found,
    why: 'The kernel admits one opener, and whoever else opens the port is told "Device or resource busy".',
    mend: `kill ${holder.id}    (the daemon takes the port by itself, within seconds)`,
  }
}

/** Its programs are called as ours are, and run under Python. */
function isPythonNegotiator(argv: readonly string[]): boolean {
  return /(^|\/)python[\d.]*$/.test(argv[0] ?? '') && argv.some((argument) => /negotiator/.test(argument))
}
