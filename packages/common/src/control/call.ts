/**
 * A call as a local program holds it: Node streams and one result.
 * Floor 7.
 */
import { Readable, Writable } from 'node:stream'
import type { SignalName } from '../wire/message.js'
import type { Result } from '../wire/result.js'
import type { OutgoingCall } from '../call/call.js'
import type { LaneSink, LaneSource } from '../session/lane.js'

/** A call under way. */
export interface Call {
  /** What is written here the command reads; end it. */
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** How the call ended; never rejects. Output may still be waiting in the streams. */
  readonly result: Promise<Result>
  /** Sends a signal to the command and all of its process group. */
  signal(name: SignalName): void
  /** Ends the command and all of its process group; `result` tells when it is done. */
  cancel(): void
}

/** A call and all of its output. */
export type Outcome = Result & { readonly stdout: Buffer; readonly stderr: Buffer }

/** Wraps a stream of the wire in Node's streams. */
export function callOver(stream: OutgoingCall): Call {
  return {
    stdin: writableOver(stream.stdin),
    stdout: readableOver(stream.stdout),
    stderr: readableOver(stream.stderr),
    result: stream.result,
    signal: (name) => stream.signal(name),
    cancel: () => stream.cancel(),
  }
}

/** Reads a call to its end. */
export async function outcomeOf(call: Call): Promise<Outcome> {
  const [stdout, stderr, result] = await Promise.all([
    collect(call.stdout),
    collect(call.stderr),
    call.result,
  ])
  return { ...result, stdout, stderr }
}

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function writableOver(lane: LaneSink): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (lane.write(chunk)) done()
      else lane.onDrained = () => done()
    },
    final: (done) => {
      lane.end()
      done()
    },
  })
}

function readableOver(lane: LaneSource): Readable {
  let isStarted = false
  let unreadBytes = 0
  const readable = new Readable({
    read: () => {
      if (!isStarted) start()
      // What was pushed before has left Node's buffer, or is about to: the sender may send more.
      lane.consumed(unreadBytes)
      unreadBytes = 0
    },
    destroy: (error, done) => {
      // Nobody reads any more: what comes is dropped, for a call must not hang on it.
      if (!isStarted) start()
      lane.consumed(unreadBytes)
      unreadBytes = 0
      done(error)
    },
  })
  const start = (): void => {
    isStarted = true
    lane.receive({
      bytes: (chunk) => {
        if (readable.destroyed || readable.push(chunk)) lane.consumed(chunk.length)
        else unreadBytes += chunk.length
      },
      end: () => void readable.push(null),
    })
  }
  return readable
}
