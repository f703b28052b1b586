import { test } from 'tap'
import { laneWindowBytes } from '../limits.js'
import { LaneReader } from './lane-reader.js'

function newReader(): { reader: LaneReader; grants: number[]; told: string[]; listen: () => void } {
  const grants: number[] = []
  const told: string[] = []
  const reader = new LaneReader((byteCount) => grants.push(byteCount))
  const listen = (): void => {
    reader.receive({ bytes: (chunk) => told.push(chunk.toString()), end: () => told.push('END') })
  }
  return { reader, grants, told, listen }
}

const end = Buffer.alloc(0)

test('LaneReader tells bytes, then the end', (t) => {
  const { reader, told, listen } = newReader()
  listen()
  reader.deliver(Buffer.from('one'))
  reader.deliver(Buffer.from('two'))
  reader.deliver(end)
  t.same(told, ['one', 'two', 'END'])
  t.end()
})

test('LaneReader holds what comes before anybody listens', (t) => {
  const { reader, told, listen } = newReader()
  reader.deliver(Buffer.from('early'))
  listen()
  t.same(told, ['early'])
  reader.deliver(Buffer.from('late'))
  reader.deliver(end)
  t.same(told, ['early', 'late', 'END'])
  t.end()
})

test('LaneReader keeps bytes and end for a listener who comes after both', (t) => {
  const { reader, told, listen } = newReader()
  reader.deliver(Buffer.from('early'))
  reader.deliver(end)
  listen()
  t.same(told, ['early', 'END'])
  t.end()
})

test('LaneReader takes the window and not one byte more until bytes are consumed', (t) => {
  const { reader, grants } = newReader()
  reader.deliver(Buffer.alloc(laneWindowBytes))
  t.throws(() => reader.deliver(Buffer.alloc(1)), { name: 'PeerError', code: 'window-exceeded' })
  reader.consumed(laneWindowBytes / 2)
  t.same(grants, [laneWindowBytes / 2])
  reader.deliver(Buffer.alloc(laneWindowBytes / 2))
  t.throws(() => reader.deliver(Buffer.alloc(1)), { code: 'window-exceeded' })
  t.end()
})

test('LaneReader grants nothing more once it has ended', (t) => {
  const { reader, grants } = newReader()
  reader.deliver(Buffer.alloc(laneWindowBytes))
  reader.deliver(end)
  reader.consumed(laneWindowBytes)
  t.same(grants, [])
  t.end()
})

test('discard() drops everything and never holds up the sender', (t) => {
  const { reader, grants } = newReader()
  reader.deliver(Buffer.alloc(laneWindowBytes))
  reader.discard()
  for (let round = 0; round < 4; round += 1) reader.deliver(Buffer.alloc(laneWindowBytes / 2))
  t.same(grants.length, 5)
  reader.deliver(end)
  t.end()
})

test('LaneReader refuses bytes and ends behind its end', (t) => {
  const { reader } = newReader()
  reader.deliver(end)
  const data = { name: 'PeerError', code: 'illegal-move', message: 'Cannot take "data": the lane is ended' }
  t.throws(() => reader.deliver(Buffer.from('x')), data)
  t.throws(() => reader.deliver(end), {
    code: 'illegal-move',
    message: 'Cannot take "end": the lane is ended',
  })
  t.end()
})

test('close() ends a lane once, however often it is told', (t) => {
  const { reader, told, listen } = newReader()
  listen()
  reader.close()
  reader.close()
  t.same(told, ['END'])
  t.end()
})
