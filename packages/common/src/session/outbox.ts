/**
 * The one writer of a session: control frames first, then the lanes in turn, within the cap on bytes in flight.
 * Floor 3. What is queued in one turn of the event loop leaves in one write, for each write to a virtio port costs one of
 * its 128 descriptors, however small.
 */
import { PeerError } from '../errors.js'
import { controlQueueBytesMax, frameBytesMax, frameHeaderBytes, inFlightBytesMax } from '../limits.js'
import { frameBytes, writeFrame } from '../wire/encode.js'
import type { FrameToSend } from '../wire/encode.js'
import { FrameType } from '../wire/frame.js'
import type { FrameTypeByte, SessionName } from '../wire/frame.js'
import type { Counters } from './counters.js'
import type { LaneWriter } from './lane-writer.js'

interface OutboxOptions {
  readonly session: SessionName
  /** Writes a batch to the channel; `false` asks to wait for `drained`. */
  readonly write: (batch: Buffer) => boolean
  readonly counters: Counters
  /** The peer reads nothing and the control queue is full; told once. */
  readonly onOverflow: () => void
}

/** A request that waits. It is made when it leaves: what is left of its call's time is less by then, or nothing at all. */
interface WaitingRequest {
  readonly stream: number
  /** Bytes of its payload at most. */
  readonly payloadBytesMax: number
  /** Asked once, when the request leaves; `undefined`: it shall not be sent any more. */
  readonly payload: () => Buffer | undefined
}

/** A batch with less room than this is full: else bulk data would be cut into crumbs behind each control frame. */
const dataRoomBytesMin = 8 * 1024

/** Queues what a session sends and writes it in batches of at most one port write. */
export class Outbox {
  readonly #options: OutboxOptions
  #control: (FrameToSend | WaitingRequest)[] = []
  /** Without requests: their callers hold them anyway, and `streamCountMax` bounds them. */
  #controlBytes = 0
  /** In the order of their turns. */
  readonly #readyLanes = new Set<LaneWriter>()
  #sequence = 0
  #inFlightBytes = 0
  #isFlushScheduled = false
  #isCongested = false
  #isOverflown = false
  #isClosed = false

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** Queues a frame that goes before all data. */
  control(type: FrameTypeByte, { stream, payload }: { stream: number; payload: Buffer }): void {
    if (this.#isClosed) return
    const frame = this.#frame(type, { stream, payload })
    this.#control.push(frame)
    this.#controlBytes += frameBytes(frame)
    this.#flushSoon()
    this.#judgeQueue()
  }

  /** Queues a request, among the control frames: what steers its stream comes behind it. */
  request(waiting: WaitingRequest): void {
    if (this.#isClosed) return
    this.#control.push(waiting)
    this.#flushSoon()
  }

  /** Bytes of what steers that wait, without requests. */
  get controlBytes(): number {
    return this.#controlBytes
  }

  /** Lanes that wait for their turn. */
  get waitingLaneCount(): number {
    return this.#readyLanes.size
  }

  /**
   * A lane has something to send, or no longer has. One that was abandoned is forgotten at once: a peer that acknowledges
   * nothing and cancels its calls would else have ever more of them wait here.
   */
  changed(lane: LaneWriter): void {
    if (this.#isClosed) return
    if (!lane.isReady) return void this.#readyLanes.delete(lane)
    this.#readyLanes.add(lane)
    this.#flushSoon()
  }

  /**
   * The peer's daemon has so many more bytes of stream data.
   * @throws {PeerError} `too-much-received` when they were never sent
   */
  acknowledged(byteCount: number): void {
    if (byteCount > this.#inFlightBytes) {
      throw new PeerError(
        `Cannot take RECEIVED ${byteCount}: only ${this.#inFlightBytes} bytes are in flight`,
        {
          code: 'too-much-received',
        },
      )
    }
    this.#inFlightBytes -= byteCount
    this.#flushSoon()
  }

  /** The channel takes bytes again. */
  drained(): void {
    this.#isCongested = false
    this.#flush()
  }

  /** Writes the control frames that wait, in case the channel has room, and sends nothing more. */
  close(): void {
    this.#readyLanes.clear()
    if (!this.#isCongested) this.#flush()
    this.#isClosed = true
    this.#control = []
  }

  /** While the channel takes bytes, a long queue is only what one turn has brought. */
  #judgeQueue(): void {
    if (!this.#isCongested || this.#isOverflown || this.#controlBytes <= controlQueueBytesMax) return
    this.#isOverflown = true
    this.#options.onOverflow()
  }

  #flushSoon(): void {
    if (this.#isFlushScheduled || this.#isCongested) return
    this.#isFlushScheduled = true
    queueMicrotask(() => {
      this.#isFlushScheduled = false
      this.#flush()
    })
  }

  #flush(): void {
    while (!this.#isCongested && !this.#isClosed) {
      const frames = this.#nextBatch()
      if (frames.length === 0) return
      this.#isCongested = !this.#options.write(this.#encode(frames))
    }
  }

  #nextBatch(): FrameToSend[] {
    const batch: FrameToSend[] = []
    let roomBytes = frameBytesMax
    for (let frame = this.#nextFrame(roomBytes); frame !== undefined; frame = this.#nextFrame(roomBytes)) {
      batch.push(frame)
      roomBytes -= frameBytes(frame)
    }
    return batch
  }

  #nextFrame(roomBytes: number): FrameToSend | undefined {
    for (let first = this.#control[0]; first !== undefined; first = this.#control[0]) {
      if (bytesMaxOf(first) > roomBytes) return undefined
      this.#control.shift()
      const frame = this.#made(first)
      if (frame !== undefined) return frame
    }
    return this.#nextDataFrame(roomBytes)
  }

  #made(queued: FrameToSend | WaitingRequest): FrameToSend | undefined {
    if ('type' in queued) {
      this.#controlBytes -= frameBytes(queued)
      return queued
    }
    const payload = queued.payload()
    return payload && this.#frame(FrameType.request, { stream: queued.stream, payload })
  }

  #nextDataFrame(roomBytes: number): FrameToSend | undefined {
    const [lane] = this.#readyLanes
    const byteCountMax = Math.min(roomBytes - frameHeaderBytes, inFlightBytesMax - this.#inFlightBytes)
    if (lane === undefined || roomBytes < dataRoomBytesMin || byteCountMax <= 0) return undefined
    this.#readyLanes.delete(lane)
    const payload = lane.take(byteCountMax)
    this.#inFlightBytes += payload.length
    if (lane.isReady) this.#readyLanes.add(lane)
    return this.#frame(lane.name.type, { stream: lane.name.stream, payload })
  }

  #frame(type: FrameTypeByte, { stream, payload }: { stream: number; payload: Buffer }): FrameToSend {
    return { type, stream, payload, session: this.#options.session, sequence: 0 }
  }

  #encode(frames: readonly FrameToSend[]): Buffer {
    const batch = Buffer.allocUnsafe(frames.reduce((sum, frame) => sum + frameBytes(frame), 0))
    let offset = 0
    for (const frame of frames) {
      // Numbered here and not when queued: data overtaken by control still leaves in the order of its numbers.
      offset = writeFrame({ ...frame, sequence: this.#sequence }, { target: batch, offset })
      this.#sequence = (this.#sequence + 1) & 0xff
    }
    this.#options.counters.framesSent += frames.length
    return batch
  }
}

function bytesMaxOf(queued: FrameToSend | WaitingRequest): number {
  return 'type' in queued ? frameBytes(queued) : frameHeaderBytes + queued.payloadBytesMax
}
