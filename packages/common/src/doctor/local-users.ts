/**
 * Check: does the daemon know the users of local programs, so that the policy can name them?
 * Floor 8.
 */
import type { Check } from './examine.js'
import { restartLine } from './scene.js'
import type { Scene } from './scene.js'

/** Looks at what the daemon says: what would load here need not have loaded there. */
export const localUsersCheck: Check<Scene> = {
  name: 'local-users',
  look: (scene) => {
    const { daemon } = scene
    if (daemon.kind !== 'answers' || daemon.status.localUsers !== 'unknown') return Promise.resolve([])
    return Promise.resolve([
      {
        severity: 'note',
        code: 'local-users-unknown',
        found: 'the daemon cannot ask the kernel who a local program is',
        why: 'Rules of the policy with `user:` or `group:` match nobody, those that deny included.',
        mend: [
          'Install koffi beside the program, for this processor and C library; the log says why it did not load.',
          restartLine(scene),
        ].join('\n'),
      },
    ])
  },
}
