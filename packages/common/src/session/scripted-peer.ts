/**
 * A peer that says only what a test lets it say, right or wrong, and keeps what it hears.
 * Floor 3, for tests.
 */
import type { PairedChannel } from '../channel/paired-channels.js'
import { Decoded } from '../wire/decoded.js'
import { Decoder } from '../wire/decode.js'
import { encodeFrame } from '../wire/encode.js'
import type { Frame, FrameTypeByte, SessionName } from '../wire/frame.js'
import { FrameType } from '../wire/frame.js'
import { objectFromPayload } from '../wire/fields.js'
import { encodeHello, encodeOpening, epochName, helloFrom, sessionNameOf } from '../wire/hello.js'
import type { Hello, VersionRange } from '../wire/hello.js'
import { localHello } from './session-pair.js'

interface FrameDetails {
  readonly stream?: number
  readonly payload?: Buffer | string
  /** Default: the next in order. */
  readonly sequence?: number
  /** Default: the session of the last handshake. */
  readonly session?: SessionName
}

/** One end of a channel without an endpoint. */
export class ScriptedPeer {
  readonly heard: Decoded = new Decoded()
  readonly #channel: PairedChannel
  #session: SessionName = { high: 0, low: 0 }
  #sequence = 0
  isClosed = false

  constructor(channel: PairedChannel) {
    this.#channel = channel
    const decoder = new Decoder(this.heard)
    channel.start({
      bytes: (chunk) => decoder.push(chunk),
      drained: () => undefined,
      closed: () => (this.isClosed = true),
    })
  }

  /** The name of the session as both handshakes made it. */
  get session(): SessionName {
    return this.#session
  }

  /** The frames heard of one type, the newest last. */
  framesOf(type: FrameTypeByte): readonly Frame[] {
    return this.heard.frames.filter((frame) => frame.type === type)
  }

  write(bytes: Buffer): void {
    this.#channel.write(bytes)
  }

  /** Sends a frame. */
  send(
    type: number,
    { stream = 0, payload = '', sequence, session = this.#session }: FrameDetails = {},
  ): void {
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload
    const numbered = sequence ?? this.#sequence
    if (sequence === undefined) this.#sequence = (this.#sequence + 1) & 0xff
    // A test may send what no honest peer may: hence the type that a byte does not have.
    this.write(
      encodeFrame({ type: type as FrameTypeByte, sequence: numbered, stream, session, payload: bytes }),
    )
  }

  /** As a caller: opens. */
  open(epoch: string, versions?: VersionRange): void {
    this.write(encodeOpening({ ...localHello('caller', versions), epoch }))
  }

  /** As a caller: takes the newest HELLO for the answer to its opening with `epoch`. */
  join(epoch: string): Hello {
    const hello = this.framesOf(FrameType.hello).at(-1)
    if (hello === undefined) throw new Error('no HELLO has come yet')
    const remote = helloFrom(objectFromPayload(hello.payload, 'hello'))
    this.#session = sessionNameOf(epoch, remote.epoch)
    this.#sequence = 0
    return remote
  }

  /** As a server: answers the newest opening. */
  answer(epoch: string, type: typeof FrameType.hello | typeof FrameType.refuse = FrameType.hello): void {
    const opening = this.heard.openings.at(-1)
    if (opening === undefined) throw new Error('no opening has come yet')
    const payload = encodeHello({ ...localHello('server'), epoch })
    this.send(type, { sequence: 0, session: epochName(opening.epoch), payload })
    this.#session = sessionNameOf(opening.epoch, epoch)
    this.#sequence = 0
  }
}
