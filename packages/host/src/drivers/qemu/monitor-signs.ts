/**
 * Signs of life from a machine's second monitor: whatever it says, and its end, mean that it is worth a look.
 * What it says is not read, so nothing is believed of it.
 */
import { connectSocket } from '@negotiator/common'
import type { Channel } from '@negotiator/common'

/** One sign is waited for, then another one listens. */
export class MonitorSigns {
  /** The next sign; an end is one, too. */
  readonly next: Promise<void>
  readonly #channel: Channel | undefined

  private constructor(channel: Channel | undefined, signal: AbortSignal) {
    this.#channel = channel
    this.next = new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true })
      if (channel === undefined) return
      let isGreeted = false
      channel.start({
        // The greeting and our own answer come first, and tell nothing.
        bytes: (chunk) => {
          const text = chunk.toString('latin1')
          if (isGreeted || text.includes('"event"')) resolve()
          if (text.includes('"return"')) isGreeted = true
        },
        drained: () => undefined,
        closed: () => resolve(),
      })
      channel.write(Buffer.from('{"execute":"qmp_capabilities"}\n'))
    })
  }

  /** @param path the monitor's socket; where nobody listens there are no signs */
  static async listen(path: string, signal: AbortSignal): Promise<MonitorSigns> {
    signal.throwIfAborted()
    const channel = await connectSocket({ path, signal }).catch(() => undefined)
    signal.throwIfAborted()
    return new MonitorSigns(channel, signal)
  }

  /** Nothing will be heard: the machine goes, or is not there. */
  get isDeaf(): boolean {
    return this.#channel === undefined
  }

  close(): void {
    this.#channel?.close()
  }
}
