import { rmSync } from 'node:fs'
import { FakeClock, settle, testFolder } from '@negotiator/common/testing'
import type { Teardown } from '@negotiator/common/testing'
import { test } from 'tap'
import { otherUuid, testUuid } from '../../managed/test-definition.js'
import { valuesOf } from '../../managed/store/test-store.js'
import { lookAtMachines } from './machine-looks.js'
import type { LookNeeds } from './machine-looks.js'
import { testDriver } from './test-driver.js'
import { GuestProgram, web1Toml } from './test-guest-program.js'

const states = `const answers = {
    '${testUuid}': { state: 'running', processId: 7 },
    '${otherUuid}': { state: 'ended', end: 'crash' },
  }
  if (answers[uuid] === undefined) throw new Error('the hypervisor is gone')
  return answers[uuid]`

test('guest list tells how each machine is, and why one is unknown', async (t) => {
  const program = new GuestProgram(t)
  const toml = web1Toml.replace('fake', testDriver(program, states))
  await program.define(toml)
  await program.define(toml.replace('web1', 'web2').replace(testUuid, otherUuid))
  const third = '9b1f0f3a-0000-4000-8000-000000000003'
  await program.define(toml.replace('web1', 'web3').replace(testUuid, third))
  const { code, stdout, stderr } = await program.run('list')
  const column = stdout.split('\n').map((line) => line.split(/ {2,}/)[2])
  t.same(column, ['STATE', 'running', 'ended (crash)', 'unknown', undefined])
  t.same(
    { code, stderr },
    { code: 1, stderr: 'negotiator-host: the state of "web3" is unknown: the hypervisor is gone\n' },
  )
  t.match(JSON.parse((await program.run('list', '--json')).stdout), {
    guests: [
      { machine: { state: 'running', processId: 7 } },
      { machine: { state: 'ended', end: 'crash' } },
      { machine: { state: 'unknown', reason: 'the hypervisor is gone' } },
    ],
  })
})

test('guest show tells how its machine is', async (t) => {
  const program = new GuestProgram(t)
  const driver = testDriver(program, states)
  await program.define(web1Toml.replace('fake', driver))
  const { stdout } = await program.run('show', 'web1', '--json')
  t.match(await program.run('show', 'web1'), {
    code: 0,
    stdout: /^# web1, revision 1, running\n/,
    stderr: '',
  })
  rmSync(driver)
  t.same(await program.run('show', 'web1', '--json'), {
    code: 0,
    stdout,
    stderr: `negotiator-host: the state of "web1" is unknown: Cannot load the driver "${driver}": there is no such file\n`,
  })
})

/** What looking at machines needs, on a machine of a test. */
function needsOf(t: Teardown, clock: FakeClock): LookNeeds {
  const root = testFolder(t)
  return { root, runFolder: `${root}/run`, stateFolder: `${root}/state`, clock }
}

test('lookAtMachines() waits for a driver for a limited time, and asks eight at once', async (t) => {
  const program = new GuestProgram(t)
  // It does not mind its signal either.
  const answer = `globalThis.asked = (globalThis.asked ?? 0) + 1
    return uuid.endsWith('1') ? await new Promise(() => undefined) : { state: 'off' }`
  const driver = testDriver(program, answer)
  const guests = ['1', '2', '11', '21', '31', '41', '51', '61', '71', '81', '3'].map((end) => {
    const uuid = `9b1f0f3a-0000-4000-8000-${end.padStart(12, '0')}`
    return { revision: 1, origin: 1, values: valuesOf({ uuid, driver }) }
  })
  const clock = new FakeClock()
  const looking = lookAtMachines(guests, needsOf(t, clock))
  while (Reflect.get(globalThis, 'asked') !== 9) await settle()
  for (let turn = 0; turn < 10; turn += 1) await settle()
  // One has answered, so nine were asked; the other eight hang.
  t.equal(Reflect.get(globalThis, 'asked'), 9)
  await clock.advance(6000)
  while (Reflect.get(globalThis, 'asked') !== 11) await settle()
  await clock.advance(6000)
  const looks = await looking
  const silent = { state: 'unknown', reason: 'its driver has not answered within 6 s' }
  t.same(
    looks.map(({ machine }) => machine),
    guests.map(({ values: { uuid } }) => (uuid.endsWith('1') ? silent : { state: 'off' })),
  )
})
