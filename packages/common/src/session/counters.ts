/**
 * What one end of a channel has seen, for `status`: whatever a peer does wrong is counted here.
 * Floor 3.
 */

/** Totals since the daemon's start; they only grow. */
export interface Counters {
  sessions: number
  calls: number
  framesReceived: number
  framesSent: number
  /** All bytes of the channel: frames, openings, and what a python-negotiator peer and we say to each other. */
  bytesReceived: number
  bytesSent: number
  /** Bytes that belonged to no frame and no opening; the messages of a python-negotiator peer are among them. */
  garbageBytes: number
  /** Whole frames of another session than the live one. */
  strayFrames: number
  /** Sessions ended because the peer broke the protocol. */
  protocolErrors: number
  /** Sessions ended because nothing was heard any more. */
  silences: number
}

/** Counters at zero. */
export function newCounters(): Counters {
  return {
    sessions: 0,
    calls: 0,
    framesReceived: 0,
    framesSent: 0,
    bytesReceived: 0,
    bytesSent: 0,
    garbageBytes: 0,
    strayFrames: 0,
    protocolErrors: 0,
    silences: 0,
  }
}
