import { test } from 'tap'
import { explain } from './explain.js'
import { guest, rulesOf, self, shortForm, alice } from './test-policy.js'

test('explain() tells of each rule up to the match what did not match', (t) => {
  const rules = rulesOf([
    'bye * db* @anyguest allow',
    'hello @none * * deny',
    'hello +x+* * * allow',
    'hello +x+y+@rest * * allow',
    'hello +x * * deny',
    'hello * * * allow',
  ])
  const question = { caller: guest('web\u001b1'), target: self, command: 'hello', args: ['x', '-rf'] }
  const { decision, passed } = explain(rules, question, 'host')
  t.equal(shortForm(decision), 'allow 6')
  t.same(
    passed.map(({ rule, mismatches }) => [
      rule.place.line,
      ...mismatches.map(({ column, reason }) => `${column}: ${reason}`),
    ]),
    [
      [
        1,
        'command: "bye" is not the command "hello"',
        'caller: "db*" is not the guest "web\\x1b1"',
        'target: "@anyguest" is not the host',
      ],
      [2, 'argument: "@none": it wants no argument, the call has 2'],
      [3, 'argument: "+x+*": argument 2 begins with "-", which a leading "*" or "?" does not match'],
      [4, 'argument: "+x+y+@rest": argument 2 does not match'],
      [5, 'argument: "+x": it wants 1 argument, the call has 2'],
    ],
  )
  t.end()
})

test('explain() tells of all rules when none matches', (t) => {
  const rules = rulesOf(['hello +a+@rest * * allow', 'hello * user:bob * allow', 'hello ++ @host * allow'])
  const question = { caller: alice, target: self, command: 'hello', args: [] }
  const { decision, passed } = explain(rules, question, 'guest')
  t.equal(shortForm(decision), 'deny')
  t.same(
    passed.map(({ mismatches }) => mismatches.map(({ reason }) => reason)),
    [
      ['"+a+@rest": it wants at least 1 argument, the call has none'],
      ['"user:bob" is not a program of the user "alice"'],
      ['"++": it wants 2 arguments, the call has none', '"@host" is not a program of the user "alice"'],
    ],
  )
  t.end()
})
