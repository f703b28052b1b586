/**
 * Who speaks in a refusal: whose policy or limit it is, in the caller's words.
 * Floor 5. Pure.
 */
import type { Caller } from '../policy/caller.js'

export type Speaker = 'the host' | 'the called guest' | 'the calling guest'

/** @param side whose policies and limits are asked */
export function speakerOf(side: 'host' | 'guest', caller: Caller): Speaker {
  if (side === 'host') return 'the host'
  return caller.kind === 'program' ? 'the calling guest' : 'the called guest'
}
