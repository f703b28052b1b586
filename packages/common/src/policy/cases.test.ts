import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { decide } from './decide.js'
import { explain } from './explain.js'
import { argumentCases } from './test-cases-arguments.js'
import { endCases } from './test-cases-ends.js'
import { alice, guest, host, program, rulesOf, self, shortForm } from './test-policy.js'
import type { CaseGroup, PolicyCase } from './test-policy.js'

const web1 = guest('web1')

function shippedPolicy(side: 'host' | 'guest'): readonly string[] {
  const path = join(import.meta.dirname, '../../../../policy', side, '90-default.policy')
  return readFileSync(path, 'utf8').split('\n')
}

function shipped(side: 'host' | 'guest', cases: readonly PolicyCase[]): CaseGroup {
  return { name: `the shipped policy of the ${side}`, side, policy: shippedPolicy(side), cases }
}

const shippedCases: readonly CaseGroup[] = [
  shipped('host', [
    ['a guest calls the host', web1, self, ['hello'], 'allow 10'],
    ['a guest calls the host with an option', web1, self, ['hello', '-x'], 'allow 10'],
    ['a program calls a guest', alice, web1, ['hello'], 'allow 13'],
    ['a program of unknown user calls a guest', program, web1, ['hello'], 'allow 13'],
    ['a guest calls another', web1, guest('db1'), ['hello'], 'deny 16'],
    ['a guest calls one of its own name', web1, web1, ['hello'], 'deny 16'],
    ['a guest called @self calls another', guest('@self'), web1, ['hello'], 'deny 16'],
    ['a guest calls one that is called @host', web1, guest('@host'), ['hello'], 'deny 16'],
    ['a program calls the host itself', alice, self, ['hello'], 'deny'],
  ]),
  shipped('guest', [
    ['the host calls', host, self, ['hello'], 'allow 26'],
    ["the host has the guest's hooks run", host, self, ['lifecycle', 'before-migration'], 'allow 26'],
    ["another guest has the guest's hooks run", web1, self, ['lifecycle', 'before-migration'], 'deny 35'],
    ['the host puts a file', host, self, ['file-put', '/etc/x'], 'deny 17'],
    ['the host reboots', host, self, ['power', 'reboot'], 'deny 18'],
    ['another guest sets a password', web1, self, ['set-password', 'root'], 'deny 22'],
    ['a program calls the host', alice, host, ['hello'], 'allow 29'],
    ['a program has the host power something', alice, host, ['power', 'reboot'], 'allow 29'],
    ['a program asks for another guest', alice, web1, ['hello'], 'allow 32'],
    ['another guest calls', web1, self, ['hello'], 'deny 35'],
    ['another guest that is called @host calls', guest('@host'), self, ['hello'], 'deny 35'],
    ['a program calls its own machine', alice, self, ['hello'], 'deny'],
    ['the host calls through this guest', host, web1, ['hello'], 'deny'],
  ]),
]

const groups = [...argumentCases, ...endCases, ...shippedCases]

for (const { name, side, policy, cases } of groups) {
  test(`decide() keeps the promises about ${name}`, (t) => {
    const rules = rulesOf(policy)
    for (const [promise, caller, target, [command, ...args], expected] of cases) {
      const question = { caller, target, command, args }
      t.equal(shortForm(decide(rules, question, side)), expected, promise)
      const { decision, passed } = explain(rules, question, side)
      t.equal(shortForm(decision), expected, `${promise}, explained`)
      t.notOk(
        passed.some(({ mismatches }) => mismatches.length === 0),
        `${promise}: each rule that was passed has a reason`,
      )
    }
    t.end()
  })
}

test('there are at least 120 cases, each with a promise of its own', (t) => {
  const promises = groups.flatMap(({ name, cases }) => cases.map(([promise]) => `${name}: ${promise}`))
  t.ok(promises.length >= 120, `${promises.length} cases`)
  t.equal(new Set(promises).size, promises.length)
  t.end()
})
