import { test } from 'tap'
import { callsMaxOf, keyOf, rateOf } from './caller-limits.js'

const guest = { kind: 'guest', name: 'web1', uuid: 'aaaa' } as const

test('a guest has a rate and fewer calls at once on its host, and nobody else', (t) => {
  t.same(rateOf(guest, 'host'), { count: 1024, periodMs: 10_000 })
  t.equal(callsMaxOf(guest, 'host'), 48)
  for (const [caller, side] of [
    [guest, 'guest'],
    [{ kind: 'host' }, 'guest'],
    [{ kind: 'program' }, 'host'],
  ] as const) {
    t.equal(rateOf(caller, side), undefined)
    t.equal(callsMaxOf(caller, side), 1024)
  }
  t.end()
})

test('keyOf() counts a guest by its uuid, so that a new name brings no new quota', (t) => {
  t.equal(keyOf(guest), keyOf({ ...guest, name: 'renamed' }))
  t.not(keyOf({ kind: 'guest', name: 'web1' }), keyOf({ kind: 'guest', name: 'web2' }))
  t.not(keyOf({ kind: 'guest', name: 'host' }), keyOf({ kind: 'host' }))
  const user = (userId: number): Parameters<typeof keyOf>[0] => ({
    kind: 'program',
    user: { userId, userName: 'x', groupNames: [], processId: 1 },
  })
  t.not(keyOf(user(1)), keyOf(user(2)))
  t.end()
})
