/**
 * Every command that only tells, on every system of test-systems.ts and on this machine: its answer is what its schema says, or it says
 * what is missing.
 */
import { topicSchemas } from '@negotiator/common/system'
import { test } from 'tap'
import { commandTable } from './command-table.js'
import type { SystemCommand } from './command.js'
import { localMachine } from './local-machine.js'
import type { Machine } from './machine.js'
import { callCommand, testMachine } from './test-machine.js'
import type { TestMachineParts } from './test-machine.js'
import { alpine, debian12, minimal, nothing, rocky9 } from './test-systems.js'

const topics = Object.keys(topicSchemas)

async function commandNamed(name: string): Promise<SystemCommand> {
  const { command } = (await import(`./${commandTable[name]}.js`)) as { command: SystemCommand }
  return command
}

/** @returns what is missing, or `undefined` when the answer is good */
async function missingFor(machine: Machine, name: string): Promise<string | undefined> {
  const command = await commandNamed(name)
  const { exitCode, stdout, stderr } = await callCommand(command, { machine, args: ['--json'] })
  if (exitCode !== 0) return exitCode === 69 ? stderr : `exit status ${exitCode}: ${stderr}`
  topicSchemas[name]?.parse(JSON.parse(stdout))
  const forPeople = await callCommand(command, { machine })
  if (forPeople.exitCode !== 0) return `without --json: ${forPeople.stderr}`
  return undefined
}

const systems: [name: string, parts: TestMachineParts, missing: readonly string[]][] = [
  ['Debian 12', debian12, []],
  ['a minimal system', minimal, ['active-user', 'applications', 'users']],
  ['Rocky Linux 9', rocky9, []],
  ['Alpine Linux', alpine, ['active-user', 'users']],
  ['nothing', nothing, topics.filter((name) => name !== 'containers' && name !== 'timezone')],
]

for (const [system, parts, missing] of systems) {
  test(`every topic answers as its schema says on ${system}, or says what is missing`, async (t) => {
    const machine = testMachine(t, parts)
    for (const name of topics) {
      const reason = await missingFor(machine, name)
      if (missing.includes(name)) t.match(reason, /^Cannot (tell|list) .+[:;] .+\n$/, name)
      else t.equal(reason, undefined, name)
    }
  })
}

test('every topic answers as its schema says on this machine', async (t) => {
  // A test's machine may have no logins, no packages.
  const mayMiss = new Set(['active-user', 'applications', 'users'])
  for (const name of topics) {
    const reason = await missingFor(localMachine, name)
    if (reason !== undefined && mayMiss.has(name)) t.match(reason, /^Cannot (tell|list) /)
    else t.equal(reason, undefined, name)
  }
})

test('no topic takes what it does not know', async (t) => {
  const machine = testMachine(t)
  for (const name of topics) {
    const command = await commandNamed(name)
    const { exitCode, stdout, stderr } = await callCommand(command, { machine, args: ['--jsno'] })
    t.equal(exitCode, 64, name)
    t.equal(stdout, '')
    t.match(
      stderr,
      `Cannot run ${name}: there is no option "--jsno"; did you mean "--json"?; usage: ${name} `,
    )
  }
})
