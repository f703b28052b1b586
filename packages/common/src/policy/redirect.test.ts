import { test } from 'tap'
import { redirectOf } from './redirect.js'
import { rulesOf, webUuid } from './test-policy.js'

function redirectTo(target: string): unknown {
  return redirectOf(rulesOf([`* * * * allow target=${target}`])[0]?.rule.options ?? {})
}

test('redirectOf() names one machine', (t) => {
  t.same(redirectTo('@host'), { kind: 'host' })
  t.same(redirectTo('@self'), { kind: 'self' })
  t.same(redirectTo('web1'), { kind: 'guest-name', name: 'web1' })
  t.same(redirectTo(`uuid:${webUuid.toUpperCase()}`), { kind: 'guest-uuid', uuid: webUuid })
  t.end()
})

test('redirectOf() takes an escaped keyword for a name', (t) => {
  t.same(redirectTo('%40host'), { kind: 'guest-name', name: '@host' })
  t.same(redirectTo('my%20guest%3D1'), { kind: 'guest-name', name: 'my guest=1' })
  t.same(redirectTo('a=b'), { kind: 'guest-name', name: 'a=b' })
  t.end()
})

test('redirectOf() gives nothing without the option', (t) => {
  t.equal(redirectOf({}), undefined)
  t.end()
})
