/**
 * Check: who listens on each guest's sockets, and who is attached to them?
 * QEMU serves one client; whoever connects besides is taken into a queue and never hears a word.
 */
import { channelNames, isDaemon, isPythonNegotiator, nameOf } from '@negotiator/common'
import type { ChannelName, Check, Finding, RunningProcess, SocketUse } from '@negotiator/common'
import type { ExaminedGuest, HostScene } from './host-scene.js'

/** Looks at the kernel's table of sockets, and connects to nothing. */
export const attachedCheck: Check<HostScene> = {
  name: 'attached',
  look: async (scene) => {
    const hasSockets = scene.guests.some(({ sockets }) => Object.keys(sockets).length > 0)
    if (typeof scene.sockets === 'string') return hasSockets ? [cannotTell(scene.sockets)] : []
    return (await Promise.all(scene.guests.map(async (guest) => await ofGuest(scene, guest)))).flat()
  },
}

/** A channel's socket, and what goes on there. */
interface Place {
  readonly guest: ExaminedGuest
  readonly name: ChannelName
  readonly path: string
  readonly use: SocketUse
}

async function ofGuest(scene: HostScene, guest: ExaminedGuest): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const place of await placesOf(scene, guest)) findings.push(...ofPlace(scene, place))
  return findings
}

/** The sockets of a guest; none when they cannot be seen. */
export async function placesOf({ sockets }: HostScene, guest: ExaminedGuest): Promise<readonly Place[]> {
  if (typeof sockets === 'string') return []
  const places: Place[] = []
  for (const name of channelNames) {
    const path = guest.sockets[name]
    if (path !== undefined) places.push({ guest, name, path, use: await sockets.at(path) })
  }
  return places
}

function ofPlace(scene: HostScene, place: Place): readonly Finding[] {
  const { guest, name, use } = place
  if (!use.isListening) return [dead(place)]
  const processes = use.clients.flatMap((client) => client.processes)
  const foreign = processes.filter((process) => !isOurs(scene, process))
  if (foreign.length > 0) return foreign.map((holder) => taken(scene, { place, holder }))
  if (use.clients.length === 0) return []
  if (processes.length === 0) return [hidden(place)]
  return [{ severity: 'ok', guest: guest.name, found: `the daemon is attached to ${name}` }]
}

function isOurs({ daemon, side }: HostScene, process: RunningProcess): boolean {
  return daemon.kind === 'answers' ? process.id === daemon.status.processId : isDaemon(process.argv, { side })
}

function dead({ guest, name, path }: Place): Finding {
  return {
    severity: 'error',
    code: 'socket-dead',
    guest: guest.name,
    found: `nobody listens on the socket of ${name}: "${path}"`,
    why: 'It is left over from a machine that has ended, or another file has taken its place.',
    mend: `Start the machine. If it runs: shut it down and start it, for it makes its sockets only then.`,
  }
}

function taken(scene: HostScene, { place, holder }: { place: Place; holder: RunningProcess }): Finding {
  const { guest, name, path, use } = place
  const waiting =
    use.waitingCount === 0
      ? ''
      : ` ${use.waitingCount} more wait in the queue, the daemon perhaps among them.`
  return {
    severity: 'error',
    code: 'socket-taken',
    guest: guest.name,
    found: `${describe(scene, holder)} is attached to ${name} ("${path}")`,
    why: `QEMU serves one client, so the daemon is kept out until that one leaves.${waiting}`,
    mend: `kill ${holder.id}    # or stop it as it was started; the daemon attaches by itself, within seconds`,
  }
}

function describe({ side }: HostScene, holder: RunningProcess): string {
  if (isDaemon(holder.argv, { side })) return `another negotiator-host daemon (process ${holder.id})`
  return isPythonNegotiator(holder.argv) ? `python-negotiator's ${nameOf(holder)}` : nameOf(holder)
}

function hidden({ guest, name }: Place): Finding {
  return {
    severity: 'note',
    code: 'client-hidden',
    guest: guest.name,
    found: `somebody is attached to ${name}; who, cannot be seen from here`,
    why: "Only root may look at other users' processes.",
    mend: 'sudo negotiator-host doctor',
  }
}

function cannotTell(reason: string): Finding {
  return {
    severity: 'note',
    code: 'sockets-hidden',
    found: `who is attached to the guests' sockets cannot be told: ${reason}`,
    why: 'Another program on a socket keeps the daemon out, and would stay unnamed.',
    mend: 'apt-get install iproute2    # iproute on Fedora and its kin',
  }
}
