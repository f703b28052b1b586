/**
 * The states of one stream and of its lanes, the same for both ends.
 * Floor 3. Pure.
 */
import type { StateTable } from './state-table.js'

/** `open`: the call runs · `cancelled`: its caller has left · `finished`: it has its one result. */
export type StreamState = 'open' | 'cancelled' | 'finished'

export type StreamEvent = 'signal' | 'cancel' | 'result'

export const streamTable: StateTable<StreamState, StreamEvent> = {
  open: { signal: 'open', cancel: 'cancelled', result: 'finished' },
  // A second cancel, or a signal that crossed the first, changes nothing.
  cancelled: { signal: 'cancelled', cancel: 'cancelled', result: 'finished' },
  finished: {},
}

/** A lane carries data until its end. */
export type LaneState = 'open' | 'ended'

export type LaneEvent = 'data' | 'end'

export const laneTable: StateTable<LaneState, LaneEvent> = {
  open: { data: 'open', end: 'ended' },
  ended: {},
}
