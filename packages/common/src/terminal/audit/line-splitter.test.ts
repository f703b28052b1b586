import { test } from 'tap'
import { auditLineBytesMax } from '../../limits.js'
import { LineSplitter } from './line-splitter.js'

test('push() gives the same lines however the bytes are cut', (t) => {
  const bytes = Buffer.from('one\n\nzwölf\nrest')
  for (let size = 1; size <= bytes.length; size += 1) {
    const splitter = new LineSplitter()
    const lines: string[] = []
    for (let start = 0; start < bytes.length; start += size)
      lines.push(...splitter.push(bytes.subarray(start, start + size)))
    t.same([...lines, splitter.end()], ['one', '', 'zwölf', 'rest'], `${size} bytes at once`)
    t.equal(splitter.end(), undefined)
  }
  t.end()
})

test('push() keeps what it was given, for a reader uses its buffer again', (t) => {
  const splitter = new LineSplitter()
  const buffer = Buffer.from('ab')
  splitter.push(buffer)
  buffer.fill('x')
  t.same(splitter.push(Buffer.from('\n')), ['ab'])
  t.end()
})

test('push() holds no more of a line than the limit, and finds the next one', (t) => {
  const splitter = new LineSplitter()
  const piece = Buffer.alloc(auditLineBytesMax, 'x')
  t.same(splitter.push(piece), [])
  t.same(splitter.push(piece), [])
  const [long, next] = splitter.push(Buffer.from('y\nnext\n'))
  t.equal(long, piece.toString())
  t.equal(next, 'next')
  t.end()
})
