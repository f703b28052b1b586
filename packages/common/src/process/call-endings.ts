/**
 * How calls end that are no processes of their own, so that a module or a service looks like an executable to its caller.
 * Floor 4.
 */
import type { Readable } from 'node:stream'
import { delay } from '../clock.js'
import type { Clock } from '../clock.js'
import { drainGraceMs } from '../limits.js'
import { signalOf, untilClosed } from './outputs-closed.js'

/** The exit status of what ended by a fault of its own. @see sysexits(3), EX_SOFTWARE */
export const brokenCode: number = 70

/** Signals that ask a process to end; a call that is none hears of these, and of no others. */
const endingSignals: readonly string[] = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGKILL']

/** Whether a signal asks for the end. */
export function isEnding(signal: NodeJS.Signals): boolean {
  return endingSignals.includes(signal)
}

/** Waits until outputs have been read to their end; a call that was stopped waits a little, and then for no reader. */
export async function untilRead(
  outputs: readonly Readable[],
  { clock, stopped }: { clock: Clock; stopped: Promise<void> },
): Promise<void> {
  const read = untilClosed(outputs)
  await Promise.race([read, stopped])
  await delay(clock, { delayMs: drainGraceMs, signal: signalOf(read) })
  for (const output of outputs) output.destroy()
}
