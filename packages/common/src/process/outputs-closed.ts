/**
 * When the outputs of a call are over: all has been read, and nothing more will come.
 * Floor 4.
 */
import type { Readable } from 'node:stream'

/** Without a reason of ours Node would make an exception with its stack for each call. */
const reason = 'the outputs are closed'

/** Waits until nothing more will come of any of them. */
export async function untilClosed(outputs: readonly Readable[]): Promise<void> {
  await Promise.all(outputs.map(closing))
}

/** Fires once `over` is fulfilled. */
export function signalOf(over: Promise<void>): AbortSignal {
  const controller = new AbortController()
  void over.then(() => controller.abort(reason))
  return controller.signal
}

async function closing(output: Readable): Promise<void> {
  if (!output.closed) await new Promise<void>((resolve) => output.once('close', resolve))
}
