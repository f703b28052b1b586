/**
 * The states of one end of a channel, from silence to a session and back.
 * Floor 3. Pure. Both roles use the same table; only a caller opens, only a server is opened.
 */
import type { StateTable } from './state-table.js'

/** `idle`: no session · `opening`: our opening is unanswered · `refused`: no common version · `closed`: for good. */
export type EndpointState = 'idle' | 'opening' | 'refused' | 'ready' | 'closed'

/** `open`: we send an opening · `opened`: the caller's opening came · `hello`, `refuse`: the server answered. */
export type EndpointEvent = 'open' | 'opened' | 'hello' | 'refuse' | 'end' | 'close'

export const endpointTable: StateTable<EndpointState, EndpointEvent> = {
  idle: { open: 'opening', opened: 'ready', close: 'closed' },
  // An opening is repeated until it is answered.
  opening: { open: 'opening', hello: 'ready', refuse: 'refused', close: 'closed' },
  refused: { open: 'opening', close: 'closed' },
  // A newer opening replaces the session.
  ready: { opened: 'ready', end: 'idle', close: 'closed' },
  closed: {},
}
