import { test } from 'tap'
import { auditArguments } from './audit-arguments.js'

const args = ['reset', 'hunter2']

test('auditArguments() tells as much as is asked for', (t) => {
  t.same(auditArguments({ args, detail: 'none', secretArgs: [] }), {})
  t.same(auditArguments({ args, detail: 'full', secretArgs: [] }), { args })
  t.same(auditArguments({ args, detail: 'hash', secretArgs: [] }), {
    argsHash: 'e89ef9135ccf25fc48b3815d09445ce46f5a9fe2e073fad507bd5e521e63f387',
  })
  t.end()
})

test('auditArguments() shows no secret, nor anything that it could be guessed from', (t) => {
  t.same(auditArguments({ args, detail: 'full', secretArgs: [2, 9] }), { args: ['reset', '***'] })
  t.same(
    auditArguments({ args, detail: 'hash', secretArgs: [2] }),
    auditArguments({ args: ['reset', 'other'], detail: 'hash', secretArgs: [2] }),
  )
  t.end()
})
