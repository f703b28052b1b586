// Both ends that a guest has, able to do what is right, so that what is wrong happens in the middle of a true session.
// Runs in the guest, and is not compiled.

import { setTimeout as pass } from 'node:timers/promises'
import { frame, honestHello, opening, Reader, sessionName, types } from './wire.mjs'

const nobody = Buffer.alloc(8)

/** What both ends share: a port, a session's name, and frames that are numbered. */
class End {
  port
  session = nobody
  /** Frames that the host sent, since the last look. */
  heard = []
  #reader = new Reader()
  #sequence = 0
  isOver = () => false

  constructor(port) {
    this.port = port
  }

  /** A frame of this session, with its right number. */
  frame(type, { stream = 0, payload } = {}) {
    const bytes = frame({ type, stream, session: this.session, sequence: this.#sequence, payload })
    this.#sequence = (this.#sequence + 1) & 0xff
    return bytes
  }

  async send(type, content) {
    await this.port.write(this.frame(type, content))
  }

  async write(bytes) {
    await this.port.write(bytes)
  }

  /** Reads what the host sent. */
  listen() {
    const found = [...this.#reader.push(this.port.read())]
    this.heard = found.filter(({ kind }) => kind === 'frame')
    return found
  }

  begin(session) {
    this.session = session
    this.#sequence = 0
  }
}

/** The port on which the guest calls. */
export class Calling extends End {
  #stream = 0

  /** Opens a session. @returns whether the host has answered in time */
  async open(changes = {}) {
    const hello = honestHello(changes)
    await this.write(opening(hello))
    const name = Buffer.from(hello.epoch, 'hex')
    while (!this.isOver()) {
      this.listen()
      const answer = this.heard.find(({ type, session }) => type === types.hello && session.equals(name))
      if (answer !== undefined) {
        this.begin(sessionName(hello.epoch, JSON.parse(answer.payload.toString()).epoch))
        this.#stream = 0
        return true
      }
      await pass(1)
    }
    return false
  }

  /** A request on a new stream. */
  request(request) {
    this.#stream += 1
    const payload = Buffer.from(typeof request === 'string' ? request : JSON.stringify(request))
    return this.frame(types.request, { stream: this.#stream, payload })
  }

  get lastStream() {
    return this.#stream
  }
}

/** The port on which the guest is called. */
export class Serving extends End {
  #opening
  #answered

  listen() {
    const found = super.listen()
    this.#opening = found.findLast(({ kind }) => kind === 'opening')?.hello ?? this.#opening
    return found
  }

  /** Answers the host's opening, after it was made to open anew. @returns whether it has */
  async accept(changes = {}) {
    if (this.session !== nobody) await this.send(types.end, { payload: Buffer.from('closing') })
    while (!this.isOver()) {
      this.listen()
      if (this.#opening !== undefined && this.#opening.epoch !== this.#answered) {
        this.#answered = this.#opening.epoch
        const hello = honestHello(changes)
        await this.write(helloFrame(this.#answered, hello))
        this.begin(sessionName(this.#answered, hello.epoch))
        return true
      }
      await pass(1)
    }
    return false
  }

  /** Answers what a call of the host is owed, so that its session stays. */
  requests() {
    this.listen()
    return this.heard.filter(({ type }) => type === types.request)
  }

  /** The epoch of the host's last opening, 16 digits. */
  get remoteEpoch() {
    return this.#answered ?? '0000000000000000'
  }
}

/** HELLO under a caller's epoch. */
export function helloFrame(epoch, hello) {
  return frame({
    type: types.hello,
    session: Buffer.from(epoch, 'hex'),
    payload: Buffer.from(JSON.stringify(hello)),
  })
}
