/**
 * Times, sizes and counts as an administrator writes them.
 * Floor 4. Pure.
 */
import { Fault } from './fault.js'
import type { Span } from './fault.js'

interface Scale {
  readonly what: string
  /** What one of each unit is worth. */
  readonly units: Readonly<Record<string, number>>
  readonly max: number
  readonly hint: string
}

type ScaleName = 'time' | 'size' | 'count'

const scales: Readonly<Record<ScaleName, Scale>> = {
  // Node's timers count no further, some 24 days.
  time: {
    what: 'a time',
    units: { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 },
    max: 2 ** 31 - 1,
    hint: 'write a whole number and its unit: 500ms, 30s, 5m, 1h; 596h at most',
  },
  size: {
    what: 'a size',
    units: { '': 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 },
    max: Number.MAX_SAFE_INTEGER,
    hint: 'write bytes, or a whole number and its unit: 64KiB, 10MiB, 1GiB',
  },
  // More calls than this are never in flight on one machine.
  count: { what: 'a count', units: { '': 1 }, max: 1_000_000, hint: 'write a whole number, 1 to 1000000' },
}

/**
 * Reads a quantity.
 * @returns milliseconds, bytes or a count; at least 1
 * @throws {Fault} for what is none, for zero, and for what is too large
 */
export function parseQuantity({ text, at }: Span, kind: ScaleName): number {
  const { what, units, max, hint } = scales[kind]
  const [, digits = '', unit = ''] = /^(\d+)([A-Za-z]*)$/.exec(text) ?? []
  const worth = Object.hasOwn(units, unit) ? units[unit] : undefined
  if (digits === '' || worth === undefined) throw new Fault(at, `"${text}" is not ${what}`, hint)
  const quantity = Number(digits) * worth
  if (quantity === 0)
    throw new Fault(at, `"${text}" would let nothing through`, 'write at least 1, or the action deny')
  if (quantity > max) throw new Fault(at, `"${text}" is too much for ${what}`, hint)
  return quantity
}
