import { test } from 'tap'
import { checkMachines, testDefinition } from '../check-machines.js'
import { createFakeMachines } from './fake-machines.js'

const { signal } = new AbortController()

test('the fake machines keep the contract of machines', async (t) => {
  await checkMachines(t, async () => {
    const machines = createFakeMachines()
    return await Promise.resolve({ machines, again: () => machines, qemuOptions: [] })
  })
})

test('endItself() lets a machine end as its guest would, and tells who waits for it', async (t) => {
  const machines = createFakeMachines()
  const definition = testDefinition()
  const call = { uuid: definition.uuid, signal }
  await machines.start(definition, signal)
  const ended = machines.ended(call)
  machines.endItself(call.uuid, 'crash')
  t.same(await ended, { state: 'ended', end: 'crash' })
  await t.rejects(machines.start(definition, signal), { message: /: it is ended$/ }, 'it is kept')
  await machines.kill({ ...call, graceMs: 1 })
  t.same(await machines.state(call), { state: 'off' })
})

test('pressCount() counts who pressed the power button', async (t) => {
  const machines = createFakeMachines()
  const definition = testDefinition()
  await machines.start(definition, signal)
  t.equal(machines.pressCount(definition.uuid), 0)
  await machines.shutdown({ uuid: definition.uuid, signal })
  t.equal(machines.pressCount(definition.uuid), 1)
})
