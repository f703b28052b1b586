// Bytes that are nothing, or look like something for a while. Runs in the guest, and is not compiled.

import {
  frame,
  headerBytes,
  honestHello,
  marker,
  opening,
  openingMarker,
  payloadBytesMax,
  types,
} from './wire.mjs'

const blockBytes = 32 * 1024

export const bytePhases = {
  /** Noise, as fast as the channel takes it. */
  async garbage({ random, ends, repeat }) {
    const noise = random.bytes(4 * blockBytes)
    await repeat(ends, async (end) => {
      const at = random.integer(3 * blockBytes)
      await end.write(noise.subarray(at, at + 1 + random.integer(blockBytes)))
    })
  },

  /** Nothing but beginnings. */
  async markers({ random, ends, repeat }) {
    const floods = [
      marker,
      openingMarker,
      openingMarker.subarray(0, 39),
      Buffer.from('{'),
      marker.subarray(0, 3),
    ].map((what) => Buffer.alloc(blockBytes, what))
    await repeat(ends, async (end) => await end.write(random.pick(floods)))
  },

  /** Frames that claim more than there may be, or more than follows. */
  async 'giant-lengths'({ random, ends, repeat }) {
    const claims = [0xffff, payloadBytesMax + 1, payloadBytesMax, payloadBytesMax - 1]
    await repeat(ends, async (end) => {
      const claim = frame({ type: types.ping, session: end.session, payload: Buffer.alloc(8) })
      claim.writeUInt16BE(random.pick(claims), 10)
      const count = Buffer.from(` 99999\n${openingMarker.toString()}99999", "crc32": "00000000`)
      await end.write(
        Buffer.concat(Array.from({ length: 1 + random.integer(200) }, () => random.pick([claim, count]))),
      )
    })
  },

  /** Whole frames whose checksum is wrong, of all sizes. */
  async 'bad-checksums'({ random, ends, repeat }) {
    await repeat(ends, async (end) => {
      const bytes = frame({
        type: types.ping,
        session: end.session,
        payload: random.bytes(random.integer(4096)),
      })
      bytes[4 + random.integer(4)] ^= 1 << random.integer(8)
      await end.write(Buffer.concat(Array.from({ length: 8 }, () => bytes)))
    })
  },

  /** An opening and PINGs, a byte at a time. */
  async drip({ calling, serving, repeat, pass }) {
    await repeat([calling, serving], async (end) => {
      const bytes = Buffer.concat([opening(honestHello()), frame({ type: types.ping, session: end.session })])
      for (const byte of bytes) {
        await end.write(Buffer.from([byte]))
        await pass(0)
      }
    })
  },

  /** Openings that break off. */
  async 'half-openings'({ random, ends, repeat }) {
    await repeat(ends, async (end) => {
      const halves = Array.from({ length: 20 }, () => {
        const whole = opening(honestHello())
        return whole.subarray(0, 1 + random.integer(whole.length - 1))
      })
      await end.write(Buffer.concat(halves))
    })
  },

  /** A frame is begun, and never ended; its rest is another one's beginning. */
  async 'cut-frames'({ random, ends, repeat }) {
    await repeat(ends, async (end) => {
      const whole = end.frame(types.ping, { payload: Buffer.alloc(payloadBytesMax) })
      await end.write(whole.subarray(0, headerBytes + random.integer(payloadBytesMax)))
    })
  },
}
