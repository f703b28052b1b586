/**
 * Times, sizes and counts in a rule: the same spelling as in a command's settings.
 * Floor 4. Pure.
 */
import { parseByteCount, parseDurationMs } from '../quantities.js'
import { Fault } from './fault.js'
import type { Span } from './fault.js'

interface Scale {
  readonly what: string
  /** The quantity, or `undefined` for what is none, is zero or is too large. */
  readonly read: (text: string) => number | undefined
  /** What is spelt well, whatever its size. */
  readonly spelling: RegExp
  readonly hint: string
}

type ScaleName = 'time' | 'size' | 'count'

/** More calls than this are never in flight on one machine. */
const countMax = 1_000_000

const scales: Readonly<Record<ScaleName, Scale>> = {
  time: {
    what: 'a time',
    read: parseDurationMs,
    spelling: /^\d+(?:ms|s|m|h)$/,
    hint: 'write a whole number and its unit: 500ms, 30s, 5m, 1h; 168h at most',
  },
  size: {
    what: 'a size',
    read: parseByteCount,
    spelling: /^\d+(?:B|[KMGT]iB)$/,
    hint: 'write a whole number and its unit: 512B, 64KiB, 10MiB, 1GiB',
  },
  count: {
    what: 'a count',
    read: (text) => (Number(text) > 0 && Number(text) <= countMax ? Number(text) : undefined),
    spelling: /^\d+$/,
    hint: 'write a whole number, 1 to 1000000',
  },
}

/**
 * Reads a quantity.
 * @returns milliseconds, bytes or a count; at least 1
 * @throws {Fault} for what is none, for zero, and for what is too large
 */
export function parseQuantity({ text, at }: Span, kind: ScaleName): number {
  const { what, read, spelling, hint } = scales[kind]
  if (!spelling.test(text)) throw new Fault(at, `"${text}" is not ${what}`, hint)
  const quantity = read(text)
  if (quantity !== undefined) return quantity
  if (Number.parseInt(text, 10) === 0)
    throw new Fault(at, `"${text}" would let nothing through`, 'write at least 1, or the action deny')
  throw new Fault(at, `"${text}" is too much for ${what}`, hint)
}
