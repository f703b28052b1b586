/**
 * What a frame is: its header, its types, and who may send which.
 * Floor 2. Pure: no I/O, no clock. PROTOCOL.md "Frames" is the spec.
 */

/** One end's part in a session: the calling end opens it and sends requests, the serving end answers. */
export type Role = 'caller' | 'server'

/** The frame's type byte. */
export const FrameType = {
  /** Server: answers an opening; payload is a Hello. */
  hello: 0x01,
  /** Server: no common version; payload is a Hello and why. */
  refuse: 0x02,
  /** Both: this session is over; payload is a reason. */
  end: 0x03,
  /** Both: are you there? 8 bytes that come back in the PONG. */
  ping: 0x04,
  pong: 0x05,
  /** Both: so many more bytes of stream data have arrived (u32). */
  received: 0x06,
  /** Caller: starts a stream; payload is a Request. */
  request: 0x10,
  /** Caller: bytes for the command's standard input; an empty payload ends it. */
  stdin: 0x11,
  /** Caller: end this call. */
  cancel: 0x12,
  /** Caller: send a signal to the command; payload is its name. */
  signal: 0x13,
  /** Server: the command's output; an empty payload ends the lane. */
  stdout: 0x20,
  stderr: 0x21,
  /** Server: the stream's one final answer; payload is a Result. */
  result: 0x22,
  /** Both: so many more bytes may be sent on a lane (u8 lane type, 3 zero bytes, u32). */
  credit: 0x30,
} as const

export type FrameTypeByte = (typeof FrameType)[keyof typeof FrameType]

/** The lanes of a stream, named by the type byte of their data frames. */
export type LaneType = typeof FrameType.stdin | typeof FrameType.stdout | typeof FrameType.stderr

const both = [FrameType.end, FrameType.ping, FrameType.pong, FrameType.received, FrameType.credit]

const sendable: Readonly<Record<Role, ReadonlySet<number>>> = {
  caller: new Set([...both, FrameType.request, FrameType.stdin, FrameType.cancel, FrameType.signal]),
  server: new Set([
    ...both,
    FrameType.hello,
    FrameType.refuse,
    FrameType.stdout,
    FrameType.stderr,
    FrameType.result,
  ]),
}

/** Whether a role may send a frame of this type; an unknown type may be sent by nobody. */
export function maySend(role: Role, type: number): boolean {
  return sendable[role].has(type)
}

/** The two 32-bit halves of a session's name, as in a frame's header. */
export interface SessionName {
  readonly high: number
  readonly low: number
}

/** A whole, checked frame. */
export interface Frame {
  /** Offset 8, one byte. Not yet known to be a type that we understand. */
  readonly type: number
  /** Offset 9, one byte: counts the session's frames in this direction, so that a lost one is noticed. */
  readonly sequence: number
  /** Offset 12, u32: 0 for the session itself. */
  readonly stream: number
  /** Offset 16, two u32: the session that it belongs to. */
  readonly session: SessionName
  /** From offset 24; a view into what was received. */
  readonly payload: Buffer
}

/**
 * The resync marker, the first four bytes of each frame. 0xF5 stands in no UTF-8 text, so JSON payloads never
 * hold it; data payloads are cut where they would. No suffix of it is a prefix of it.
 */
export const frameMarker: Buffer = Buffer.from([0xf5, 0x6e, 0x67, 0x74])

/** `frameMarker` as the big-endian number that starts a header. */
export const frameMarkerNumber = 0xf56e6774

/**
 * The printable resync marker: how every opening begins, after the count line that a python-negotiator peer
 * needs. Inside a JSON string its quotes would be escaped, so no JSON payload holds it.
 */
export const openingMarker: Buffer = Buffer.from('{"method": "negotiator-open", "bytes": "')

/**
 * Whether a server may give a session this name: none of its bytes begins a marker. The name is a header's last field, and
 * a payload that begins with the rest of a marker would complete one.
 */
export function mayNameSession({ high, low }: SessionName): boolean {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32BE(high, 0)
  bytes.writeUInt32BE(low, 4)
  return !bytes.some((byte) => byte === frameMarker[0] || byte === openingMarker[0])
}

/** Whether two names are of the same session. */
export function isSameSession(one: SessionName, other: SessionName): boolean {
  return one.low === other.low && one.high === other.high
}
