import { test } from 'tap'
import {
  DeniedError,
  NegotiatorError,
  PeerError,
  sentenceOf,
  SystemError,
  systemCodeOf,
  UsageError,
} from './errors.js'

test('an error has its class as its name, a code and its cause', (t) => {
  const cause = new Error('below')
  for (const Kind of [UsageError, PeerError, SystemError, DeniedError]) {
    const error = new Kind('Cannot do it: no', { code: 'no', cause })
    t.type(error, NegotiatorError)
    t.type(error, Error)
    t.match(error, { name: Kind.name, code: 'no', message: 'Cannot do it: no', cause })
  }
  t.end()
})

test('an error without a cause has none', (t) => {
  t.notOk('cause' in new PeerError('Cannot do it: no', { code: 'no' }))
  t.end()
})

test('sentenceOf() finds words for whatever was thrown', (t) => {
  t.equal(sentenceOf(new UsageError('Cannot do it: no', { code: 'no' })), 'Cannot do it: no')
  t.equal(sentenceOf(new TypeError('odd')), 'odd')
  t.equal(sentenceOf('text'), 'text')
  t.equal(sentenceOf(undefined), 'undefined')
  t.end()
})

test('systemCodeOf() is the error name of a system call', (t) => {
  t.equal(systemCodeOf(Object.assign(new Error('x'), { code: 'ENOENT' })), 'ENOENT')
  t.equal(systemCodeOf(Object.assign(new Error('x'), { code: 2 })), undefined)
  t.equal(systemCodeOf(new Error('x')), undefined)
  t.equal(systemCodeOf({ code: 'ENOENT' }), undefined)
  t.end()
})
