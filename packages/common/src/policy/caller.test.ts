import { test } from 'tap'
import { callerName } from './caller.js'

test("callerName() is the guest's name, or `host`", (t) => {
  t.equal(callerName({ kind: 'host' }), 'host')
  t.equal(callerName({ kind: 'guest', name: 'web1', uuid: '6d1f' }), 'web1')
  t.end()
})
