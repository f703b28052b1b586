import { homedir } from 'node:os'
import { test } from 'tap'
import { environmentFor } from './environment.js'

const always = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: homedir(),
  LANG: 'C.UTF-8',
  NEGOTIATOR_COMMAND: 'hello',
  NEGOTIATOR_CALL_ID: 'b2c1',
}

test('environmentFor() a call of the host holds what commands/README.md promises and nothing else', (t) => {
  const environment = environmentFor({
    callId: 'b2c1',
    command: 'hello',
    callerKind: 'host',
    callerName: 'host',
  })
  t.strictSame(environment, { ...always, NEGOTIATOR_CALLER: 'host', NEGOTIATOR_CALLER_KIND: 'host' })
  t.end()
})

test('environmentFor() a call of a guest adds who it is', (t) => {
  const guest = { callerKind: 'guest', callerName: 'web1', callerUuid: '6d1f', guestName: 'web1' }
  const environment = environmentFor({ callId: 'b2c1', command: 'hello', ...guest })
  t.strictSame(environment, {
    ...always,
    NEGOTIATOR_CALLER: 'web1',
    NEGOTIATOR_CALLER_KIND: 'guest',
    NEGOTIATOR_CALLER_UUID: '6d1f',
    NEGOTIATOR_GUEST: 'web1',
  })
  t.end()
})
