/**
 * The payloads with which two sessions steer each other: END, RECEIVED, CREDIT, PING and SIGNAL.
 * Floor 2. Pure. Numbers are big-endian.
 */
import { PeerError } from '../errors.js'
import { FrameType } from './frame.js'
import type { LaneType } from './frame.js'

/** Why a session is over. */
export type EndReason = (typeof endReasons)[number]

const endReasons = [
  'closing',
  'unknown-session',
  'protocol-error',
  'frames-lost',
  'silent',
  'not-reading',
] as const

/** An END's payload. */
export function encodeEnd(reason: EndReason): Buffer {
  return Buffer.from(reason)
}

/** An END's reason; one that we do not know is `closing`. */
export function decodeEnd(payload: Buffer): EndReason {
  const text = payload.toString('latin1', 0, 32)
  return endReasons.find((known) => known === text) ?? 'closing'
}

/** A RECEIVED's payload. */
export function encodeReceived(byteCount: number): Buffer {
  const payload = Buffer.allocUnsafe(4)
  payload.writeUInt32BE(byteCount)
  return payload
}

/** @throws {PeerError} `bad-message` unless the payload has 4 bytes */
export function decodeReceived(payload: Buffer): number {
  expectLength(payload, { wanted: 4, what: 'RECEIVED' })
  return payload.readUInt32BE(0)
}

/** More bytes for one lane of a stream. */
export interface Credit {
  readonly lane: LaneType
  readonly byteCount: number
}

/** A CREDIT's payload. */
export function encodeCredit({ lane, byteCount }: Credit): Buffer {
  const payload = Buffer.alloc(8)
  payload.writeUInt8(lane)
  payload.writeUInt32BE(byteCount, 4)
  return payload
}

/** @throws {PeerError} `bad-message` unless the payload has 8 bytes and names a lane */
export function decodeCredit(payload: Buffer): Credit {
  expectLength(payload, { wanted: 8, what: 'CREDIT' })
  const lane = payload.readUInt8(0)
  if (lane !== FrameType.stdin && lane !== FrameType.stdout && lane !== FrameType.stderr) {
    throw new PeerError('Cannot read a CREDIT: it names no lane', { code: 'bad-message' })
  }
  return { lane, byteCount: payload.readUInt32BE(4) }
}

/** A PING's payload. */
export function encodePing(token: number): Buffer {
  const payload = Buffer.alloc(8)
  payload.writeUInt32BE(token, 4)
  return payload
}

/** The token that a PONG brings back. @throws {PeerError} `bad-message` unless the payload has 8 bytes */
export function decodePing(payload: Buffer): number {
  expectLength(payload, { wanted: 8, what: 'PING or PONG' })
  return payload.readUInt32BE(4)
}

/**
 * The payload of the PONG that answers a PING: the same bytes, in a buffer of their own, for an answer may have to wait and
 * must not keep all that came with the question.
 * @throws {PeerError} `bad-message` unless the payload has 8 bytes
 */
export function echoOfPing(payload: Buffer): Buffer {
  expectLength(payload, { wanted: 8, what: 'PING or PONG' })
  // Not out of Node's shared pool, 8 KiB of which it might keep.
  const echo = Buffer.alloc(payload.length)
  payload.copy(echo)
  return echo
}

/** The signals that a caller may send to a command. */
export const signalNames = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGTERM',
  'SIGUSR1',
  'SIGUSR2',
  'SIGKILL',
  'SIGSTOP',
  'SIGCONT',
  'SIGWINCH',
] as const

/** One of `signalNames`. */
export type SignalName = (typeof signalNames)[number]

/** A SIGNAL's payload. */
export function encodeSignal(signal: SignalName): Buffer {
  return Buffer.from(signal)
}

/** @throws {PeerError} `bad-message` unless the payload is one of `signalNames` */
export function decodeSignal(payload: Buffer): SignalName {
  const text = payload.toString('latin1', 0, 16)
  const signal = signalNames.find((known) => known === text)
  if (signal !== undefined) return signal
  throw new PeerError('Cannot read a SIGNAL: it names none that may be sent', { code: 'bad-message' })
}

function expectLength(payload: Buffer, { wanted, what }: { wanted: number; what: string }): void {
  if (payload.length === wanted) return
  throw new PeerError(`Cannot read a ${what}: it has ${payload.length} bytes, wanted ${wanted}`, {
    code: 'bad-message',
  })
}
