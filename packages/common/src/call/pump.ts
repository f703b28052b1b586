/**
 * Carries bytes between lanes and streams, and between two lanes, never faster than the slower end takes them.
 * Floor 5.
 */
import type { Readable, Writable } from 'node:stream'
import type { IncomingCall, OutgoingCall } from './call.js'
import { ByteQueue } from '../session/byte-queue.js'
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
  // One write at a time: a stream would keep each of a thousand crumbs apart, with all that came with it.
  const waiting = new ByteQueue()
  let isWriting = false
  let isOver = false
  const goOn = (): void => {
    if (isWriting) return
    if (!to.writable) return from.consumed(waiting.clear())
    const chunk = waiting.shift()
    if (chunk === undefined) return void (isOver && to.end())
    isWriting = true
    to.write(chunk, () => {
      isWriting = false
      from.consumed(chunk.length)
      goOn()
    })
  }
  from.receive({
    bytes: (chunk) => {
      waiting.push(chunk)
      goOn()
    },
    end: () => {
      isOver = true
      goOn()
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
