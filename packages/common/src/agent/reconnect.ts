/**
 * Keeps a channel: connects, uses it while it lasts, waits, connects again, until told to stop.
 * Floor 7.
 */
import type { Channel } from '../channel/channel.js'
import { delay } from '../clock.js'
import type { Clock } from '../clock.js'
import { sentenceOf } from '../errors.js'
import { reconnectMaxMs, reconnectMinMs } from '../limits.js'
import type { Log } from '../log.js'

interface ReconnectOptions {
  /** Brings a channel, or fails. */
  readonly connect: (signal: AbortSignal) => Promise<Channel>
  /** Uses a channel until it is over. */
  readonly use: (channel: Channel) => Promise<unknown>
  /** Told why a channel could not be had, each time. */
  readonly onFailure?: (reason: string) => void
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** Connects again and again; failures are logged when their reason changes, not each time. */
export async function keepConnected(options: ReconnectOptions): Promise<void> {
  const { connect, use, onFailure, clock, log, signal } = options
  let failures = 0
  let lastReason = ''
  while (!signal.aborted) {
    try {
      const channel = await connect(signal)
      failures = 0
      lastReason = ''
      await use(channel)
    } catch (error) {
      const reason = sentenceOf(error)
      if (reason !== lastReason && !signal.aborted) log.warn(reason)
      lastReason = reason
      onFailure?.(reason)
      failures += 1
    }
    await delay(clock, { delayMs: reconnectDelayMs(failures), signal })
  }
}

/** Twice as long after each failure, and up to half as long again at random: a thousand links must not knock at once. */
export function reconnectDelayMs(failures: number): number {
  const baseMs = Math.min(reconnectMaxMs, reconnectMinMs * 2 ** Math.min(failures, 10))
  return baseMs * (1 + Math.random() / 2)
}
