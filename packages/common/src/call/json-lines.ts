/**
 * Facts on a lane: one JSON value a line.
 * Floor 5. The answers of the control socket and the catalogue of commands travel so.
 */
import { PeerError } from '../errors.js'
import { HeldBytes } from '../held-bytes.js'
import type { LaneSink, LaneSource } from '../session/lane.js'

/** The longest line that is taken, in bytes: some 10,000 commands; beyond it the lane is given up. */
export const lineBytesMax: number = 1024 * 1024

const newline = 0x0a

/** Writes one value as a line. */
export function writeJsonLine(to: LaneSink, value: unknown): void {
  to.write(Buffer.from(`${JSON.stringify(value)}\n`))
}

/**
 * Reads values line by line.
 * @param listener is told each `value`, or once that what comes is not to be understood (`bad`), after which nothing follows
 */
export function readJsonLines(
  from: LaneSource,
  listener: { readonly value: (value: unknown) => void; readonly bad: (error: PeerError) => void },
): void {
  const line = new HeldBytes()
  let isBad = false
  const refuse = (error: PeerError): void => {
    isBad = true
    line.takeAll()
    listener.bad(error)
  }
  const take = (chunk: Buffer): void => {
    let start = 0
    for (let end = chunk.indexOf(newline); end >= 0 && !isBad; end = chunk.indexOf(newline, start)) {
      line.add(chunk.subarray(start, end))
      start = end + 1
      const parsed = line.byteCount > lineBytesMax ? tooLong() : parseLine(Buffer.concat(line.takeAll()))
      if (parsed instanceof PeerError) refuse(parsed)
      else listener.value(parsed.value)
    }
    if (isBad) return
    line.add(chunk.subarray(start))
    if (line.byteCount > lineBytesMax) refuse(tooLong())
  }
  from.receive({
    bytes: (chunk) => {
      if (!isBad) take(chunk)
      from.consumed(chunk.length)
    },
    end: () => undefined,
  })
}

function tooLong(): PeerError {
  return new PeerError('Cannot read a line: it is too long', { code: 'bad-message' })
}

function parseLine(line: Buffer): { readonly value: unknown } | PeerError {
  try {
    return { value: JSON.parse(line.toString()) as unknown }
  } catch (cause) {
    return new PeerError('Cannot read a line: it is not JSON', { code: 'bad-message', cause })
  }
}
