/**
 * Check: does the host answer?
 */
import { versionFindings } from '@negotiator/common'
import type { Check, Finding } from '@negotiator/common'
import type { GuestScene } from './guest-scene.js'

/** Looks at the host as the daemon sees it. */
export const hostLinkCheck: Check<GuestScene> = {
  name: 'host',
  look: async ({ daemon }) => {
    if (daemon.kind !== 'answers') return await Promise.resolve([])
    return daemon.status.peers.flatMap((host) => [
      ...stateFindings(host.state),
      ...versionFindings({ peer: host, name: 'the host', daemonVersion: daemon.status.version }),
    ])
  },
}

function stateFindings(state: string): readonly Finding[] {
  switch (state) {
    case 'ready':
      return [{ severity: 'ok', found: 'the host answers' }]
    case 'silent':
      return [
        {
          severity: 'error',
          code: 'host-silent',
          found: 'something is attached to this machine on the host, and it does not answer',
          why: 'It is the host daemon while it starts, or another program on its sockets, which keeps the daemon out.',
          mend: 'On the host: negotiator-host doctor GUEST',
        },
      ]
    case 'connecting':
      return [
        {
          severity: 'error',
          code: 'host-absent',
          found: 'nobody is attached to this machine on the host',
          why: 'The host daemon does not run, or does not look for guests where this one is; or a fault told above.',
          mend: 'On the host: negotiator-host doctor GUEST',
        },
      ]
    default:
      return [] // Told by the versions.
  }
}
