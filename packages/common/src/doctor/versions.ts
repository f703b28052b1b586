/**
 * What the versions of two daemons mean for each other.
 * Floor 8. Pure. What a peer says of itself is shown and never believed.
 */
import type { DaemonPeer } from './daemon-answer.js'
import type { Finding } from './finding.js'

interface Versions {
  readonly peer: DaemonPeer
  /** The peer in a sentence, e.g. `the host`. */
  readonly name: string
  /** The guest that it is about, on a host. */
  readonly guest?: string | undefined
  readonly daemonVersion: string
}

/** Tells of daemons that differ; nothing where they do not. */
export function versionFindings({ peer, name, guest, daemonVersion }: Versions): readonly Finding[] {
  const { state, agent } = peer
  if (state === 'refused')
    return [
      {
        severity: 'error',
        code: 'no-common-version',
        guest,
        found: `${name} has version ${agent ?? 'unknown'}, this daemon ${daemonVersion}, and they have no protocol version in common`,
        why: 'Nothing can be called until both speak one.',
        mend: `Upgrade the older of the two and restart its daemon.`,
      },
    ]
  if (state === 'classic')
    return [
      {
        severity: 'note',
        code: 'classic-peer',
        guest,
        found: `${name} runs python-negotiator`,
        why: 'Calls work in its way: output comes at the end and as text, without standard error or an exit status.',
        mend: 'Upgrade it to Negotiator when you like; nothing has to change here.',
      },
    ]
  if (agent === undefined || agent === daemonVersion) return []
  return [
    {
      severity: 'note',
      code: 'version-skew',
      guest,
      found: `${name} has version ${agent}, this daemon ${daemonVersion}`,
      why: 'They understand each other; what only one of them knows is not used.',
      mend: 'Upgrade the older of the two when you like.',
    },
  ]
}
