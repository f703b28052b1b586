import { test } from 'tap'
import {
  integerIn,
  objectFrom,
  objectFromPayload,
  optionalIntegerIn,
  optionalPositionsIn,
  optionalTextIn,
  textIn,
  textListIn,
} from './fields.js'

const notAnObject = 'Cannot read a message: "thing" is not an object'

test('objectFrom() takes an object and refuses everything else', (t) => {
  t.same(objectFrom({ a: 1 }, 'thing'), { a: 1 })
  for (const value of [null, undefined, 1, 'text', true, [], [{}]]) {
    t.throws(() => objectFrom(value, 'thing'), {
      name: 'PeerError',
      code: 'bad-message',
      message: notAnObject,
    })
  }
  t.end()
})

test('objectFromPayload() takes a JSON object in UTF-8', (t) => {
  t.same(objectFromPayload(Buffer.from('{"a": "☕"}'), 'thing'), { a: '☕' })
  t.throws(() => objectFromPayload(Buffer.from('[1]'), 'thing'), {
    code: 'bad-message',
    message: notAnObject,
  })
  for (const text of ['', '{', '{"a": 1} x', '\u0000']) {
    t.throws(() => objectFromPayload(Buffer.from(text), 'thing'), {
      name: 'PeerError',
      code: 'bad-message',
      message: 'Cannot read a thing: it is not JSON',
    })
  }
  t.end()
})

test('objectFromPayload() does not repeat the text of the peer in its sentence', (t) => {
  try {
    objectFromPayload(Buffer.from('\u001b[2Jhello'), 'thing')
    t.fail('it took garbage')
  } catch (error) {
    t.notMatch(String(error), 'hello')
  }
  t.end()
})

test('textIn() and optionalTextIn() take a string', (t) => {
  const message = 'Cannot read a message: "a" is not a string'
  t.equal(textIn({ a: '' }, 'a'), '')
  t.equal(optionalTextIn({ a: 'x' }, 'a'), 'x')
  t.equal(optionalTextIn({}, 'a'), undefined)
  for (const a of [null, 1, [], {}, true]) {
    t.throws(() => textIn({ a }, 'a'), { name: 'PeerError', code: 'bad-message', message })
    t.throws(() => optionalTextIn({ a }, 'a'), { message })
  }
  t.throws(() => textIn({}, 'a'), { message })
  t.end()
})

test('integerIn() and optionalIntegerIn() take a whole number from 0 to 2^53 - 1', (t) => {
  const message = 'Cannot read a message: "a" is not a whole number from 0 on'
  for (const a of [0, 1, Number.MAX_SAFE_INTEGER]) t.equal(integerIn({ a }, 'a'), a)
  t.equal(optionalIntegerIn({ a: 7 }, 'a'), 7)
  t.equal(optionalIntegerIn({}, 'a'), undefined)
  for (const a of [-1, 0.5, Number.MAX_SAFE_INTEGER + 1, Number.NaN, Number.POSITIVE_INFINITY, '1', null]) {
    t.throws(() => integerIn({ a }, 'a'), { name: 'PeerError', code: 'bad-message', message })
    t.throws(() => optionalIntegerIn({ a }, 'a'), { message })
  }
  t.throws(() => integerIn({}, 'a'), { message })
  t.end()
})

test('textListIn() takes an array of strings', (t) => {
  const message = 'Cannot read a message: "a" is not an array of strings'
  t.same(textListIn({ a: [] }, 'a'), [])
  t.same(textListIn({ a: ['x', ''] }, 'a'), ['x', ''])
  for (const a of [undefined, null, 'x', ['x', 1], [['x']], { 0: 'x', length: 1 }]) {
    t.throws(() => textListIn({ a }, 'a'), { name: 'PeerError', code: 'bad-message', message })
  }
  t.end()
})

test('optionalPositionsIn() takes whole numbers from 1 on, so many at most, or nothing', (t) => {
  const field = { name: 'at', countMax: 3 }
  for (const at of [undefined, [], [1], [3, 1, Number.MAX_SAFE_INTEGER]])
    t.same(optionalPositionsIn({ at }, field), at)
  for (const at of [null, 1, '1', {}, [0], [-1], [0.5], ['1'], [null], [2 ** 53], [1, 2, 3, 4]]) {
    t.throws(() => optionalPositionsIn({ at }, field), {
      name: 'PeerError',
      code: 'bad-message',
      message: 'Cannot read a message: "at" is not an array of at most 3 whole numbers from 1 on',
    })
  }
  t.end()
})
