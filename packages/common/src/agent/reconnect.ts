/**
 * Keeps a connection: connects, uses it while it lasts, waits, connects again, until told to stop.
 * Floor 7.
 */
import { delay } from '../clock.js'
import type { Clock } from '../clock.js'
import { sentenceOf } from '../errors.js'
import { reconnectMaxMs, reconnectMinMs } from '../limits.js'
import type { Log } from '../log.js'

interface ReconnectOptions<Connection> {
  /** Brings a connection, such as a channel, or fails. */
  readonly connect: (signal: AbortSignal) => Promise<Connection>
  /** Uses it until it is over. */
  readonly use: (connection: Connection) => Promise<unknown>
  /** Told why it could not be had, each time. */
  readonly onFailure?: (reason: string) => void
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** Connects again and again; failures are logged when their reason changes, not each time. */
export async function keepConnected<Connection>(options: ReconnectOptions<Connection>): Promise<void> {
  const { connect, use, onFailure, clock, log, signal } = options
  let failures = 0
  let lastReason = ''
  while (!signal.aborted) {
    try {
      const connection = await connect(signal)
      failures = 0
      lastReason = ''
      await use(connection)
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
