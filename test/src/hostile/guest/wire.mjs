// Frames and openings, written from PROTOCOL.md sections 3 to 7 and from nothing else. Runs in the guest, and is not compiled.

import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

export const marker = Buffer.from('f56e6774', 'hex')
export const openingMarker = Buffer.from('{"method": "negotiator-open", "bytes": "')
export const headerBytes = 24
export const payloadBytesMax = 32_744
const none = Buffer.alloc(0)

export const types = {
  ...{ hello: 0x01, refuse: 0x02, end: 0x03, ping: 0x04, pong: 0x05, received: 0x06 },
  ...{ request: 0x10, stdin: 0x11, cancel: 0x12, signal: 0x13 },
  ...{ stdout: 0x20, stderr: 0x21, result: 0x22, credit: 0x30 },
}

/** A frame; `session` has 8 bytes. */
export function frame({ type, session, sequence = 0, stream = 0, payload = none }) {
  const bytes = Buffer.alloc(headerBytes + payload.length)
  marker.copy(bytes)
  bytes[8] = type
  bytes[9] = sequence & 0xff
  bytes.writeUInt16BE(payload.length, 10)
  bytes.writeUInt32BE(stream >>> 0, 12)
  session.copy(bytes, 16)
  payload.copy(bytes, headerBytes)
  bytes.writeUInt32BE(crc32(bytes.subarray(8)), 4)
  return bytes
}

/** An opening, of any hello, true or not. */
export function opening(hello) {
  const rest = Buffer.from(`", "args": [], "kw": {}, "hello": ${JSON.stringify(hello)}}`)
  const length = openingMarker.length + 5 + 13 + 8 + rest.length
  const check = crc32(rest).toString(16).padStart(8, '0')
  const head = `${String(length).padStart(5, '0')}", "crc32": "${check}`
  return Buffer.concat([Buffer.from(` ${length}\n`), openingMarker, Buffer.from(head), rest])
}

/** What an honest guest would say of itself. */
export function honestHello(changes = {}) {
  return {
    versions: { min: 1, max: 1 },
    side: 'guest',
    epoch: randomBytes(8).toString('hex'),
    bootId: 'hostile-boot',
    instance: 'hostile-instance',
    features: ['relayed-callers'],
    agent: '0.1.0',
    name: 'hostile',
    ...changes,
  }
}

/** The session's name, of both epochs. */
export function sessionName(one, other) {
  const [bytes, others] = [Buffer.from(one, 'hex'), Buffer.from(other, 'hex')]
  return Buffer.from(bytes.map((byte, at) => byte ^ others[at]))
}

/** Frames and openings in what the host sends, which is believed to be right. Keeps what is not yet whole. */
export class Reader {
  #bytes = none;

  *push(chunk) {
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    for (;;) {
      const starts = [marker, openingMarker].map((what) => this.#bytes.indexOf(what)).filter((at) => at >= 0)
      if (starts.length === 0) return void (this.#bytes = this.#bytes.subarray(-openingMarker.length))
      const found = this.#take(Math.min(...starts))
      if (found === undefined) return
      yield found
    }
  }

  #take(at) {
    const bytes = this.#bytes.subarray(at)
    const isFrame = bytes[0] === marker[0]
    if (bytes.length < (isFrame ? headerBytes : 45)) return undefined
    const length = isFrame ? headerBytes + bytes.readUInt16BE(10) : Number(bytes.toString('latin1', 40, 45))
    if (bytes.length < length) return undefined
    this.#bytes = bytes.subarray(length)
    if (!isFrame) return { kind: 'opening', hello: JSON.parse(bytes.toString('utf8', 0, length)).hello }
    return {
      kind: 'frame',
      type: bytes[8],
      stream: bytes.readUInt32BE(12),
      session: bytes.subarray(16, 24),
      payload: bytes.subarray(headerBytes, length),
    }
  }
}
