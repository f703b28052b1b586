/**
 * Bounds what a command may print: both outputs together, to the byte.
 * Floor 4. What is beyond the limit is never passed on; the command is ended, and its result says why.
 */
import { pipeline, Transform } from 'node:stream'
import type { Readable } from 'node:stream'
import { untilClosed } from './outputs-closed.js'
import type { RunningCommand } from './runner.js'

/** The same command, ended when its outputs hold more than `bytesMax` together. */
export function limitOutput(
  running: RunningCommand,
  { bytesMax }: { readonly bytesMax: number },
): RunningCommand {
  let leftBytes = bytesMax
  let isOver = false
  const outputs: Transform[] = []
  const cut = (chunk: Buffer): Buffer => {
    const kept = chunk.subarray(0, leftBytes)
    leftBytes -= kept.length
    if (kept.length < chunk.length && !isOver) {
      isOver = true
      running.stop()
    }
    return kept
  }
  const bounded = (output: Readable): Readable => {
    const passed = new Transform({ transform: (chunk: Buffer, _encoding, done) => done(null, cut(chunk)) })
    outputs.push(passed)
    // An output that breaks off takes the other end with it, whose 'close' tells.
    return pipeline(output, passed, () => undefined)
  }
  const stop = (): void => {
    running.stop()
    // Whoever stops a command waits for no reader any more.
    void running.ended.then(() => outputs.forEach((output) => output.destroy()))
  }
  const [stdout, stderr] = [bounded(running.stdout), bounded(running.stderr)]
  const read = untilClosed([stdout, stderr])
  const ended = running.ended.then(async (result) => {
    await read
    if (!isOver) return result
    return { kind: 'cancelled', reason: `its output passed the limit of ${bytesMax} bytes` } as const
  })
  return { stdin: running.stdin, stdout, stderr, ended, signal: (name) => running.signal(name), stop }
}
