/**
 * Check: can the daemon wait for its ports, or does it look at them on a timer?
 */
import { sentenceOf } from '@negotiator/common'
import type { Check } from '@negotiator/common'
import { hasNoPorts } from './guest-scene.js'
import type { GuestScene } from './guest-scene.js'

/** Tries to load what the daemon loads. */
export const koffiCheck: Check<GuestScene> = koffiCheckOf(async () => await import('koffi'))

/** The same with another way to load koffi, for tests. */
export function koffiCheckOf(load: () => Promise<unknown>): Check<GuestScene> {
  return {
    name: 'koffi',
    look: async (scene) => {
      if (hasNoPorts(scene)) return []
      const error = await load().then(
        () => undefined,
        (cause: unknown) => sentenceOf(cause),
      )
      if (error === undefined)
        return [{ severity: 'ok', found: 'koffi loads, so the daemon is woken by its ports' }]
      return [
        {
          severity: 'note',
          code: 'koffi-missing',
          found: `koffi does not load: ${error.split('\n')[0] ?? ''}`,
          why: 'The daemon then looks at its ports on a timer: a quiet port answers up to 50 ms late, and it wakes up often.',
          mend: 'Put koffi into node_modules beside the program, as the README packs it, and restart the daemon.',
        },
      ]
    },
  }
}
