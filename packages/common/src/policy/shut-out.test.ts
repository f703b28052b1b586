import { test } from 'tap'
import { policyRulesJudgedMax } from './limits.js'
import { isShutOut } from './shut-out.js'
import { guest, rulesOf, webUuid } from './test-policy.js'

const cases: readonly (readonly [promise: string, isOut: boolean, ...lines: string[]])[] = [
  ['no rule', true],
  ['rules for others', true, 'uptime * web2 @host allow', 'uptime * @host web2 allow'],
  ['one command that it may call', false, 'uptime * web1 @host allow'],
  ['one command that it may be called for', false, 'uptime * user:alice web1 allow'],
  ['a rule by its uuid', false, `uptime * uuid:${webUuid} @host allow`],
  ['a rule for any guest', false, 'uptime * @anyguest @host allow'],
  ['everything denied before', true, '* * web1 * deny', '* * * web1 deny', '* * * * allow'],
  ['only calling denied before', false, '* * web1 * deny', '* * * * allow'],
  ['only being called denied before', false, '* * * web1 deny', '* * * * allow'],
  ['some commands denied before', false, 'up* * web1 * deny', '* * * web1 deny', '* * * * allow'],
  ['some arguments denied before', false, '* +--force web1 * deny', '* * * web1 deny', '* * * * allow'],
  ['calls that are sent on, perhaps to it', false, 'uptime * web2 @host allow target=web1'],
]

test('isShutOut() is not certain with very many rules, for it is asked for each guest', (t) => {
  const lines = Array.from({ length: policyRulesJudgedMax }, () => 'uptime * web2 @host allow')
  t.equal(isShutOut(rulesOf(lines), guest('web1')), true)
  t.equal(isShutOut(rulesOf([...lines, ...lines]), guest('web1')), false)
  t.end()
})

for (const [promise, isOut, ...lines] of cases)
  test(`isShutOut() is ${isOut} with ${promise}`, (t) => {
    t.equal(isShutOut(rulesOf(lines), guest('web1', webUuid)), isOut)
    t.end()
  })
