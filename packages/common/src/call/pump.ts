/**
 * Carries bytes between lanes and streams, and between two lanes, never faster than the slower end takes them.
 * Floor 5.
 */
import type { Readable, Writable } from 'node:stream'
import { HeldBytes } from '../held-bytes.js'
import type { IncomingCall, OutgoingCall } from './call.js'
import type { LaneSink, LaneSource } from '../session/lane.js'

/** Carries what a stream gives to a lane, and its end; a stream that breaks off ends the lane too. */
export function pumpToLane(from: Readable, to: LaneSink): void {
  to.onDrained = () => void from.resume()
  from.on('data', (chunk: Buffer) => {
    if (!to.write(chunk)) from.pause()
  })
  from.once('close', () => to.end())
  // 'close' follows and ends the lane; why a pipe broke is the business of whoever owns it.
  from.on('error', () => undefined)
}

/** Carries what a lane gives to a stream, and its end; once the stream is gone the rest is dropped. */
export function pumpFromLane(from: LaneSource, to: Writable): void {
  // EPIPE: a command need not read its input to the end.
  to.on('error', () => undefined)
  // What comes while a write is under way waits here and not in the stream, to which each piece is a thing of its own.
  const held = new HeldBytes()
  let writingCount = 0
  let hasEnded = false
  const written = (byteCount: number): void => {
    writingCount -= 1
    from.consumed(byteCount)
    if (writingCount > 0) return
    for (const piece of held.takeAll()) write(piece)
    if (hasEnded && writingCount === 0) to.end()
  }
  const write = (chunk: Buffer): void => {
    writingCount += 1
    if (to.writable) to.write(chunk, () => written(chunk.length))
    else written(chunk.length)
  }
  from.receive({
    bytes: (chunk) => (writingCount > 0 ? held.add(chunk) : write(chunk)),
    end: () => {
      hasEnded = true
      if (writingCount === 0) to.end()
    },
  })
}

/** Carries one call from a caller's session on into another session, both ways, with its one result. */
export function relayCall(from: IncomingCall, to: OutgoingCall): void {
  relayLane(from.stdin, to.stdin)
  relayLane(to.stdout, from.stdout)
  relayLane(to.stderr, from.stderr)
  from.listen({ stop: () => to.cancel(), signal: (name) => to.signal(name) })
  void to.result.then((result) => from.finish(result))
}

function relayLane(from: LaneSource, to: LaneSink): void {
  let unconsumedBytes = 0
  to.onDrained = () => {
    from.consumed(unconsumedBytes)
    unconsumedBytes = 0
  }
  from.receive({
    bytes: (chunk) => {
      if (to.write(chunk)) from.consumed(chunk.length)
      else unconsumedBytes += chunk.length
    },
    end: () => to.end(),
  })
}
