/**
 * Why a session is over, in a word and in a sentence.
 * Floor 3. Pure.
 */
import type { EndReason } from '../wire/message.js'

/** Why a session is over. */
export type SessionEnd = EndReason | 'replaced' | 'channel-closed'

const explanations: Readonly<Record<SessionEnd, string>> = {
  closing: 'the other side is stopping',
  'unknown-session': 'the other side was restarted',
  'protocol-error': 'one side broke the protocol',
  'frames-lost': 'frames were lost on the way',
  silent: 'the other side went silent',
  'not-reading': 'the other side stopped reading',
  replaced: 'the other side began a new one',
  'channel-closed': 'the channel was closed',
}

/** A session's end in words. */
export function explain(reason: SessionEnd): string {
  return explanations[reason]
}
