import fc from 'fast-check'
import { test } from 'tap'
import { HeldBytes } from './held-bytes.js'
import { testSeed } from './test-seed.js'

test('HeldBytes gives back what was added, in order, however it is added and taken', (t) => {
  const seed = testSeed(t)
  const steps = fc.array(fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: 20_000 })).map(BigInt), {
    maxLength: 60,
  })
  const property = fc.property(
    steps,
    fc.array(fc.nat({ max: 10_000 }), { maxLength: 60 }),
    (added, dropped) => {
      const held = new HeldBytes()
      const all: number[] = []
      const got: Buffer[] = []
      for (const [index, length] of added.entries()) {
        const piece = Buffer.from(Array.from({ length: Number(length) }, (_, at) => (at * 7 + index) & 0xff))
        all.push(...piece)
        held.add(piece)
        const count = Math.min(dropped[index] ?? 0, held.first.length)
        got.push(held.first.subarray(0, count))
        held.drop(count)
      }
      const gotBytes = got.reduce((sum, { length }) => sum + length, 0)
      if (held.byteCount !== all.length - gotBytes) return false
      got.push(...held.takeAll())
      return Buffer.concat(got).equals(Buffer.from(all)) && held.byteCount === 0 && held.first.length === 0
    },
  )
  fc.assert(property, { seed, numRuns: 200 })
  t.end()
})

test('HeldBytes keeps single bytes at little more than their number, and not what they were cut from', (t) => {
  const held = new HeldBytes()
  for (let at = 0; at < 100; at += 1) {
    const chunk = Buffer.alloc(64 * 1024, 'x')
    held.add(chunk.subarray(at, at + 1))
    held.add(chunk.subarray(at, at + 3_000))
  }
  const pieces = held.takeAll()
  const keptBytes = [...new Set(pieces.map(({ buffer }) => buffer))].reduce(
    (sum, { byteLength }) => sum + byteLength,
    0,
  )
  t.ok(keptBytes < 400_000, `${keptBytes} bytes for ${100 * 3_001}`)
  t.ok(pieces.length < 70, `${pieces.length} pieces`)
  t.end()
})

test('HeldBytes keeps a large piece as it is', (t) => {
  const held = new HeldBytes()
  const large = Buffer.alloc(32 * 1024, 'x')
  held.add(large)
  t.equal(held.first.buffer, large.buffer)
  t.end()
})
