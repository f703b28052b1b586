import { test } from 'tap'
import { laneWindowBytes } from '../limits.js'
import { LaneReader } from '../session/lane-reader.js'
import { LaneWriter } from '../session/lane-writer.js'
import { FrameType } from '../wire/frame.js'
import { lineBytesMax, readJsonLines, writeJsonLine } from './json-lines.js'

/** A lane whose lines are read, and what came of it. */
function readingLane(): {
  lane: LaneReader
  values: unknown[]
  errors: string[]
  grantedBytes: () => number
} {
  const [values, errors]: [unknown[], string[]] = [[], []]
  let grantedBytes = 0
  const lane = new LaneReader((byteCount) => (grantedBytes += byteCount))
  readJsonLines(lane, {
    value: (value) => void values.push(value),
    bad: ({ message }) => void errors.push(message),
  })
  return { lane, values, errors, grantedBytes: () => grantedBytes }
}

/** Delivers text in pieces that a frame may have. */
function deliver(lane: LaneReader, text: string): void {
  for (let at = 0; at < text.length; at += 16_384) lane.deliver(Buffer.from(text.slice(at, at + 16_384)))
}

test('readJsonLines() tells each value, wherever the lines are split', (t) => {
  const sent = [{ name: 'Grüße, 世界 \u{1f600}' }, [1, 2], 'a\nb', null]
  const bytes = Buffer.from(sent.map((value) => `${JSON.stringify(value)}\n`).join(''))
  for (let at = 1; at < bytes.length; at += 1) {
    const { lane, values, errors } = readingLane()
    lane.deliver(bytes.subarray(0, at))
    lane.deliver(bytes.subarray(at))
    t.same(values, sent, `split at ${at}`)
    t.same(errors, [])
  }
  const { lane, values } = readingLane()
  for (const byte of bytes) lane.deliver(Buffer.from([byte]))
  t.same(values, sent, 'byte by byte')
  t.end()
})

test('readJsonLines() keeps an unfinished line to itself', (t) => {
  const { lane, values, errors } = readingLane()
  deliver(lane, '{"a":1}\n{"b":')
  lane.finish()
  t.same(values, [{ a: 1 }])
  t.same(errors, [])
  t.end()
})

test('readJsonLines() tells once what it cannot understand, and nothing after it', (t) => {
  for (const bad of ['{"a":}', '', 'undefined', '\u0000', '{"a":1}{"b":2}']) {
    const { lane, values, errors } = readingLane()
    deliver(lane, `1\n${bad}\n2\n${bad}\n3\n`)
    t.same(values, [1], JSON.stringify(bad))
    t.same(errors, ['Cannot read a line: it is not JSON'])
  }
  t.end()
})

test('readJsonLines() takes a line of the greatest length', (t) => {
  const { lane, values, errors } = readingLane()
  const text = 'x'.repeat(lineBytesMax - 2)
  deliver(lane, `${JSON.stringify(text)}\n`)
  t.same(errors, [])
  t.ok(values[0] === text)
  t.end()
})

test('readJsonLines() takes a long line byte by byte without joining it at each', (t) => {
  const { lane, values } = readingLane()
  const concat = Buffer.concat.bind(Buffer)
  let joinedBytes = 0
  t.teardown(() => void (Buffer.concat = concat))
  Buffer.concat = (list, length) => {
    const joined = concat(list, length)
    joinedBytes += joined.length
    return joined
  }
  const bytes = Buffer.from(`"${'x'.repeat(300_000)}"\n`)
  for (let at = 0; at < bytes.length; at += 1) lane.deliver(bytes.subarray(at, at + 1))
  t.equal(values.length, 1)
  t.equal(joinedBytes, bytes.length - 1)
  t.end()
})

test('readJsonLines() gives up a line that never ends', (t) => {
  const { lane, values, errors } = readingLane()
  deliver(lane, `"${'x'.repeat(lineBytesMax)}`)
  t.same(errors, ['Cannot read a line: it is too long'])
  deliver(lane, '"\n1\n')
  t.same(values, [])
  t.equal(errors.length, 1)
  t.end()
})

test('readJsonLines() consumes good and bad alike, so the sender is never held up', (t) => {
  const { lane, grantedBytes } = readingLane()
  deliver(lane, `bad\n${'x'.repeat(laneWindowBytes - 4)}`)
  t.equal(grantedBytes(), laneWindowBytes)
  t.end()
})

test('writeJsonLine() writes one line, whatever is in the value', (t) => {
  const lane = new LaneWriter({ stream: 1, type: FrameType.stdout }, () => undefined)
  writeJsonLine(lane, { text: 'a\nb', absent: undefined })
  t.equal(lane.take(1024).toString(), '{"text":"a\\nb"}\n')
  t.end()
})
