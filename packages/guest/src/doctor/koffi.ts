/**
 * Check: does the daemon wait for its ports, or does it look at them on a timer?
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Check } from '@negotiator/common'
import { hasNoPorts } from './guest-scene.js'
import type { GuestScene } from './guest-scene.js'

/** Looks whether koffi's native half is in the daemon's memory: what would load here need not have loaded there. */
export const koffiCheck: Check<GuestScene> = {
  name: 'koffi',
  look: async (scene) => {
    const { daemon, machineRoot } = scene
    if (hasNoPorts(scene) || daemon.kind !== 'answers') return []
    const path = join(machineRoot, 'proc', String(daemon.status.processId), 'maps')
    const maps = await readFile(path, 'utf8').catch(() => '') // Hidden, when the daemon is another user's.
    if (maps === '') return []
    if (/koffi[^/]*\.node$/m.test(maps))
      return [{ severity: 'ok', found: 'the daemon has koffi, so its ports wake it' }]
    return [
      {
        severity: 'note',
        code: 'koffi-missing',
        found: 'the daemon runs without koffi',
        why: 'It looks at its ports on a timer: a quiet port answers up to 50 ms late, and the daemon wakes up often.',
        mend: 'Install koffi beside the program, for this processor and C library, and restart the daemon; its log says why it did not load.',
      },
    ]
  },
}
