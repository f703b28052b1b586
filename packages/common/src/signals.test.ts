import { test } from 'tap'
import { signalName, signalNumber } from './signals.js'

test('signals have names and numbers', (t) => {
  t.equal(signalNumber('SIGKILL'), 9)
  t.equal(signalNumber('SIGNOTHING'), 0)
  t.equal(signalName(15), 'SIGTERM')
  t.equal(signalName(4711), undefined)
  t.end()
})
