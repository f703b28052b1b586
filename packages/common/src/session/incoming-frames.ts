/**
 * What must be true of each frame that comes: it follows the one before, and is of a type that the other side may send.
 * Floor 3.
 */
import { PeerError } from '../errors.js'
import { maySend } from '../wire/frame.js'
import type { Frame, Role } from '../wire/frame.js'

/** Looks at the frames of one session. */
export class IncomingFrames {
  readonly #remoteRole: Role
  #nextSequence = 0

  /** @param role our own */
  constructor(role: Role) {
    this.#remoteRole = role === 'caller' ? 'server' : 'caller'
  }

  /** @throws {PeerError} `frames-lost`, `bad-frame` */
  check({ sequence, type }: Frame): void {
    if (sequence !== this.#nextSequence) {
      throw new PeerError(`Cannot go on: frame ${sequence} came instead of ${this.#nextSequence}`, {
        code: 'frames-lost',
      })
    }
    this.#nextSequence = (this.#nextSequence + 1) & 0xff
    if (!maySend(this.#remoteRole, type))
      throw new PeerError(`Cannot take a frame of type ${type} from a ${this.#remoteRole}`, {
        code: 'bad-frame',
      })
  }
}
