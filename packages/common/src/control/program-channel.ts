/**
 * The channel of a local program: read in turns with the others, and given up when the program does not read.
 * Floor 7. What waits for a program costs memory, and a program of ours always reads: how much it wants it says by credit.
 */
import type { Socket } from 'node:net'
import type { Channel, ChannelReceiver } from '../channel/channel.js'
import { SocketChannel } from '../channel/socket-channel.js'
import type { Clock, Timer } from '../clock.js'
import type { ReadTurns } from '../channel/read-turns.js'

interface ProgramChannelOptions {
  readonly socket: Socket
  readonly name: string
  readonly clock: Clock
  readonly turns: ReadTurns
  /** Nothing was read for so long although something waited: the channel is closed. */
  readonly patienceMs: number
  /** Told before it is closed for that. */
  readonly onImpatient: () => void
}

/** A socket's channel with a bound on what the other end can cost. */
export class ProgramChannel implements Channel {
  readonly name: string
  readonly #options: ProgramChannelOptions
  readonly #channel: SocketChannel
  #patience: Timer | undefined

  constructor(options: ProgramChannelOptions) {
    this.name = options.name
    this.#options = options
    this.#channel = new SocketChannel(options.socket, options.name)
  }

  start(receiver: ChannelReceiver): void {
    const { socket, turns } = this.#options
    this.#channel.start({
      bytes: (bytes) => turns.take(socket, { bytes, take: (piece) => receiver.bytes(piece) }),
      drained: () => {
        this.#rest()
        receiver.drained()
      },
      closed: (cause) => {
        this.#rest()
        turns.forget(socket)
        receiver.closed(cause)
      },
    })
  }

  write(bytes: Buffer): boolean {
    const { clock, patienceMs, onImpatient } = this.#options
    const isReady = this.#channel.write(bytes)
    if (!isReady)
      this.#patience ??= clock.setTimer(patienceMs, () => {
        onImpatient()
        this.close()
      })
    return isReady
  }

  close(): void {
    this.#rest()
    this.#options.turns.forget(this.#options.socket)
    this.#channel.close()
  }

  #rest(): void {
    this.#patience?.cancel()
    this.#patience = undefined
  }
}
