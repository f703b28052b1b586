import { test } from 'tap'
import type { Caller, Target } from './caller.js'
import { decide, mayEverCall } from './decide.js'
import { alice, guest, host, nameless, program, rulesOf, self } from './test-policy.js'

const web1 = guest('web1')

function reason(policy: readonly string[], question: Partial<Asked> = {}): string {
  const asked = { caller: web1, target: self, command: 'hello', args: [], ...question }
  const decision = decide(rulesOf(policy), asked, 'host')
  return decision.kind === 'deny' ? decision.reason : 'allowed'
}

interface Asked {
  readonly caller: Caller
  readonly target: Target
  readonly command: string
}

test('decide() says which rule denies', (t) => {
  t.equal(
    reason(['', '* * * * deny']),
    'rule 10-test.policy:2 denies it; an administrator can allow it by a rule before that one',
  )
  t.end()
})

test('decide() says which rule would allow what no rule does', (t) => {
  const noRule = (rule: string): string =>
    `no rule of the policy allows it; an administrator can add one, e.g. "${rule}" in policy.d/30-local.policy`
  t.equal(reason([]), noRule('hello * web1 @host allow'))
  t.equal(reason([], { caller: alice, target: web1 }), noRule('hello * user:alice web1 allow'))
  t.equal(reason([], { caller: nameless }), noRule('hello * user:2000 @host allow'))
  t.equal(reason([], { caller: program }), noRule('hello * @host @host allow'))
  t.equal(
    reason([], { caller: guest('two words\n\u001b[2J') }),
    noRule('hello * two%20words%0A%1B[2J @host allow'),
  )
  t.equal(reason([], { caller: guest('@host') }), noRule('hello * %40host @host allow'))
  t.equal(reason([], { command: '../\u001b]0;x' }), noRule('COMMAND * web1 @host allow'))
  t.end()
})

test('decide() names a rule that would work', (t) => {
  for (const caller of [
    web1,
    guest('@host'),
    guest('* ?%+#é:\u202e"'),
    guest('uuid:x'),
    host,
    alice,
    nameless,
    program,
  ]) {
    for (const target of [self, guest('user:a b')]) {
      const rule = /"(hello .* allow)" in policy\.d/.exec(reason([], { caller, target }))?.[1] ?? ''
      t.equal(reason([rule], { caller, target }), 'allowed', rule)
    }
  }
  t.end()
})

test('mayEverCall() tells whether some arguments are allowed', (t) => {
  const may = (...policy: readonly string[]): boolean =>
    mayEverCall(rulesOf(policy), { caller: web1, target: self, command: 'hello' }, 'host')
  t.equal(may(), false, 'no rule')
  t.equal(may('hello * * * allow'), true, 'any arguments')
  t.equal(may('hello * * * deny', '* * * * allow'), false, 'no arguments')
  t.equal(may('hello +@rest * * deny', '* * * * allow'), false, 'no arguments, written otherwise')
  t.equal(may('hello +x * * allow'), true, 'certain arguments')
  t.equal(may('hello +x * * deny', '* * * * allow'), true, 'but certain arguments')
  t.equal(may('hello +x * * deny'), false, 'denied for certain arguments, and allowed for none')
  t.equal(may('hello @none * * deny', 'hello + * * allow'), true)
  t.equal(may('bye * * * allow', 'hello * web2 * allow', 'hello * * web2 allow'), false, 'other columns')
  t.end()
})
