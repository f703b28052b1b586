/**
 * The handshake's answers: who opens with what, what is agreed, and under which name.
 * Floor 3. It neither writes nor waits; when to say what is the endpoint's business.
 */
import { randomBytes } from 'node:crypto'
import { PeerError } from '../errors.js'
import { encodeFrame } from '../wire/encode.js'
import { objectFromPayload } from '../wire/fields.js'
import { FrameType, isSameSession, mayNameSession } from '../wire/frame.js'
import type { Frame, SessionName } from '../wire/frame.js'
import {
  commonVersion,
  encodeHello,
  encodeOpening,
  epochName,
  helloFrom,
  sessionNameOf,
} from '../wire/hello.js'
import type { Hello } from '../wire/hello.js'

/** What one side says of itself in each handshake; the epoch is added. */
export type LocalHello = Omit<Hello, 'epoch'>

/** What came out of a hello: a session, or none for want of a common version. */
export type Agreement =
  | { readonly kind: 'agreed'; readonly name: SessionName; readonly remote: Hello }
  | { readonly kind: 'refused'; readonly remote: Hello }

/** The calling end's part. */
export class CallerHandshake {
  readonly #hello: LocalHello
  #epoch = newEpoch()

  constructor(hello: LocalHello) {
    this.#hello = hello
  }

  /** Begins anew, with a new epoch. */
  renew(): void {
    this.#epoch = newEpoch()
  }

  /** The opening; the same bytes each time until `renew`, so that one which arrives twice is the same opening. */
  opening(): Buffer {
    return encodeOpening({ ...this.#hello, epoch: this.#epoch })
  }

  /** What a HELLO or REFUSE means; `undefined` when it is not an answer to our opening. */
  take(frame: Frame): Agreement | undefined {
    if (!isSameSession(frame.session, epochName(this.#epoch))) return undefined
    const remote = readHello(frame)
    if (remote === undefined) return undefined
    const isRefused =
      frame.type === FrameType.refuse || commonVersion(this.#hello.versions, remote.versions) === undefined
    if (isRefused) return { kind: 'refused', remote }
    return { kind: 'agreed', name: sessionNameOf(this.#epoch, remote.epoch), remote }
  }
}

/** The serving end's part. */
export class ServerHandshake {
  readonly #hello: LocalHello
  #callerEpoch = ''
  #epoch = ''

  constructor(hello: LocalHello) {
    this.#hello = hello
  }

  /** Whether an opening is the one that was answered last. */
  isRepeated(remote: Hello): boolean {
    return remote.epoch === this.#callerEpoch
  }

  /** Takes a new opening. */
  take(remote: Hello): Agreement {
    this.#callerEpoch = remote.epoch
    this.#epoch = answeringEpoch(remote.epoch)
    if (commonVersion(this.#hello.versions, remote.versions) === undefined) return { kind: 'refused', remote }
    return { kind: 'agreed', name: sessionNameOf(remote.epoch, this.#epoch), remote }
  }

  /** The frame that answers the opening taken last. */
  answer(kind: Agreement['kind']): Buffer {
    return encodeFrame({
      type: kind === 'agreed' ? FrameType.hello : FrameType.refuse,
      sequence: 0,
      stream: 0,
      session: epochName(this.#callerEpoch),
      payload: encodeHello({ ...this.#hello, epoch: this.#epoch }),
    })
  }
}

function newEpoch(): string {
  return randomBytes(8).toString('hex')
}

/** A server's epoch: of 16 random ones about 15 make a name that may be given. */
function answeringEpoch(callerEpoch: string): string {
  let epoch = newEpoch()
  while (!mayNameSession(sessionNameOf(callerEpoch, epoch))) epoch = newEpoch()
  return epoch
}

function readHello(frame: Frame): Hello | undefined {
  try {
    return helloFrom(objectFromPayload(frame.payload, 'hello'))
  } catch (error) {
    if (error instanceof PeerError) return undefined
    throw error
  }
}
