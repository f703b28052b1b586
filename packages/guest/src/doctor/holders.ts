/**
 * Check: who holds the ports? The kernel admits one opener to each.
 */
import { channelNames, isDaemon, isPythonNegotiator, nameOf } from '@negotiator/common'
import type { Check, Finding, RunningProcess } from '@negotiator/common'
import { hasNoPorts } from './guest-scene.js'
import type { GuestScene, NamedPort } from './guest-scene.js'

/** Looks at who has the ports open, in /proc: opening one that is free would take it from a daemon that starts. */
export const holdersCheck: Check<GuestScene> = {
  name: 'holders',
  look: async (scene) => {
    const held = hasNoPorts(scene)
      ? []
      : await Promise.all(scene.ports.filter(isChannel).map(holdersOf(scene)))
    const ours = held.filter(({ holder }) => holder !== undefined && isOurs(scene, holder))
    const others = held.filter((port) => !ours.includes(port))
    return [...oursFindings(ours), ...others.flatMap((port) => othersFindings(scene, port))]
  },
}

/** A port, and who has it open as far as we may see. */
interface HeldPort {
  readonly port: NamedPort
  readonly holder: RunningProcess | undefined
}

function isChannel({ name }: NamedPort): boolean {
  return channelNames.some((channel) => channel === name)
}

function holdersOf({ processes }: GuestScene): (port: NamedPort) => Promise<HeldPort> {
  return async (port) => ({ port, holder: (await processes.openersOf(port.device))[0] })
}

function othersFindings(scene: GuestScene, { port, holder }: HeldPort): readonly Finding[] {
  return holder === undefined ? unheld(scene, port) : [foreign(port, holder)]
}

function isOurs({ daemon, side }: GuestScene, holder: RunningProcess): boolean {
  return daemon.kind === 'answers' ? holder.id === daemon.status.processId : isDaemon(holder.argv, { side })
}

/** Whether that is the trouble or only not to be seen from here. */
function unheld({ daemon }: GuestScene, { name }: NamedPort): readonly Finding[] {
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

function oursFindings(held: readonly HeldPort[]): readonly Finding[] {
  const [first] = held
  if (first === undefined) return []
  const ports = held.map(({ port }) => port.device).join(' and ')
  return [
    {
      severity: 'ok',
      found:
        `the daemon (process ${first.holder?.id}) holds ${ports}; whoever else opens them, ` +
        'such as python-negotiator\'s command line, is told "Device or resource busy"',
    },
  ]
}

function foreign({ name, device }: NamedPort, holder: RunningProcess): Finding {
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
    mend: `kill ${holder.id}    # the daemon takes the port by itself, within seconds`,
  }
}
