import fc from 'fast-check'
import { test } from 'tap'
import { ByteQueue } from './byte-queue.js'

/** All that is in a queue, and the memory that it keeps alive. */
function drain(queue: ByteQueue): { bytes: Buffer; pieceCount: number; keptBytes: number } {
  const pieces: Buffer[] = []
  for (let piece = queue.shift(); piece !== undefined; piece = queue.shift()) pieces.push(piece)
  const kept = new Set(pieces.map(({ buffer }) => buffer))
  const keptBytes = [...kept].reduce((sum, { byteLength }) => sum + byteLength, 0)
  return { bytes: Buffer.concat(pieces), pieceCount: pieces.length, keptBytes }
}

/** A view into a chunk of 64 KiB, as the decoder gives it. */
function view(text: string): Buffer {
  const chunk = Buffer.alloc(64 * 1024)
  chunk.write(text, 100)
  return chunk.subarray(100, 100 + text.length)
}

test('ByteQueue gathers crumbs: 10,000 views of one byte keep little more than their bytes alive', (t) => {
  const queue = new ByteQueue()
  for (let nth = 0; nth < 10_000; nth += 1) queue.push(view(String(nth % 10)))
  t.equal(queue.byteCount, 10_000)
  const { bytes, pieceCount, keptBytes } = drain(queue)
  t.equal(bytes.toString(), '0123456789'.repeat(1_000))
  t.equal(pieceCount, 6)
  t.equal(keptBytes, 256 + 512 + 1024 + 2048 + 4096 + 8192)
  t.end()
})

test('ByteQueue keeps what is most of its memory, without a copy', (t) => {
  const queue = new ByteQueue()
  const large = Buffer.alloc(32 * 1024, 'x')
  queue.push(large)
  t.equal(queue.first, large)
  t.equal(queue.shift(), large)
  t.equal(queue.first, undefined)
  t.end()
})

test('clear() empties it and tells how much it was', (t) => {
  const queue = new ByteQueue()
  queue.push(view('one'))
  t.equal(queue.clear(), 3)
  t.same([queue.byteCount, queue.first, queue.clear()], [0, undefined, 0])
  queue.drop(1)
  t.equal(queue.byteCount, 0)
  queue.push(view('two'))
  t.equal(queue.shift()?.toString(), 'two')
  t.end()
})

test('ByteQueue gives the bytes in their order, however they are pushed and dropped', (t) => {
  const push = fc.oneof(
    fc.integer({ min: 1, max: 6_000 }).map((length) => ({ length, isView: true })),
    fc.integer({ min: 1, max: 40_000 }).map((length) => ({ length, isView: false })),
  )
  const step = fc.oneof(
    { weight: 3, arbitrary: push },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 9_000 }) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new ByteQueue()
      const [given, taken]: [Buffer[], Buffer[]] = [[], []]
      let next = 0
      for (const one of steps) {
        if (typeof one === 'number') {
          const part = queue.first?.subarray(0, one)
          if (part !== undefined) taken.push(Buffer.from(part))
          queue.drop(part?.length ?? 0)
          continue
        }
        const memory = Buffer.allocUnsafeSlow(one.isView ? 64 * 1024 : one.length)
        for (let at = 0; at < one.length; at += 1) memory[at] = next++ & 0xff
        given.push(memory.subarray(0, one.length))
        queue.push(memory.subarray(0, one.length))
      }
      const { bytes } = drain(queue)
      return Buffer.concat([...taken, bytes]).equals(Buffer.concat(given)) && queue.byteCount === 0
    }),
    { numRuns: 200 },
  )
  t.end()
})
