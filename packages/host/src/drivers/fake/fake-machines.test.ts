import { test } from 'tap'
import { checkMachines, testDefinition } from '../check-machines.js'
import { createFakeMachines } from './fake-machines.js'

const { signal } = new AbortController()

test('the fake machines keep the contract of machines', async (t) => {
  await checkMachines(t, async () => {
    const machines = createFakeMachines()
    const endItself = async (uuid: string): Promise<void> =>
      await Promise.resolve(machines.endItself(uuid, 'poweroff'))
    return await Promise.resolve({ machines, again: () => machines, endItself, qemuOptions: [] })
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
})

test('pressCount() counts who pressed the power button', async (t) => {
  const machines = createFakeMachines()
  const definition = testDefinition()
  await machines.start(definition, signal)
  t.equal(machines.pressCount(definition.uuid), 0)
  await machines.shutdown({ uuid: definition.uuid, signal })
  t.equal(machines.pressCount(definition.uuid), 1)
})
