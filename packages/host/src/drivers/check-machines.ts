/**
 * The contract suite of drivers that run machines.
 * For tests. No guest has to run in them: a machine without a disk is as good.
 */
import { randomUUID } from 'node:crypto'
import type { Test } from 'tap'
import type { GuestDefinition } from '../managed/definition.js'
import type { Machines } from './machines.js'

/** Makes what runs machines; what runs at the end of `test` is ended by whoever makes it. */
export interface MachineStage {
  readonly machines: Machines
  /** As another daemon, which knows nothing of this one, would have it. */
  readonly again: () => Machines
  /** Lets a machine end by itself, in whichever way that is had without a guest. */
  readonly endItself: (uuid: string) => Promise<void>
  /** What the suite's definition lacks to run here. */
  readonly qemuOptions: readonly string[]
}

const { signal } = new AbortController()
const graceMs = 10_000

/** Holds a driver to the contract. */
export async function checkMachines(
  test: Test,
  makeStage: (test: Test) => Promise<MachineStage>,
): Promise<void> {
  await test.test('a machine is started, found by whoever comes later, and killed', async (t) => {
    const { machines, again, qemuOptions } = await makeStage(t)
    const definition = testDefinition(qemuOptions)
    const call = { uuid: definition.uuid, signal }
    t.same(await machines.state(call), { state: 'off' })
    await machines.start(definition, signal)
    t.match(await machines.state(call), { state: 'running' })
    t.match(await again().state(call), { state: 'running' })
    await t.rejects(again().start(definition, signal), {
      code: 'machine-not-off',
      message: `Cannot start the machine "${definition.name}": it is running`,
    })
    await again().shutdown(call)
    const ended = machines.ended(call)
    await again().kill({ ...call, graceMs })
    t.same(await ended, { state: 'off' })
    await machines.kill({ ...call, graceMs })
    t.same(await machines.state(call), { state: 'off' })
  })

  await test.test('a machine is suspended, takes nothing then, and goes on', async (t) => {
    const { machines, again, qemuOptions } = await makeStage(t)
    const definition = testDefinition(qemuOptions)
    const call = { uuid: definition.uuid, signal }
    await machines.start(definition, signal)
    const ended = machines.ended(call)
    await machines.suspend(call)
    t.same(await machines.state(call), { state: 'suspended' })
    t.same(await ended, { state: 'suspended' })
    await t.rejects(machines.start(definition, signal), {
      code: 'machine-not-off',
      message: /it is suspended; resume it, or kill it to throw its memory away$/,
    })
    await again().resume(definition, signal)
    t.match(await machines.state(call), { state: 'running' })
    await machines.suspend(call)
    await machines.kill({ ...call, graceMs })
    t.same(await machines.state(call), { state: 'off' })
  })

  await test.test('a machine that is off cannot be shut down, suspended or resumed', async (t) => {
    const { machines, qemuOptions } = await makeStage(t)
    const definition = testDefinition(qemuOptions)
    const call = { uuid: definition.uuid, signal }
    const notRunning = { code: 'machine-not-running', message: /^Cannot .+: it is off$/ }
    await t.rejects(machines.shutdown(call), notRunning)
    await t.rejects(machines.suspend(call), notRunning)
    await t.rejects(machines.resume(definition, signal), {
      code: 'machine-not-suspended',
      message: `Cannot resume the machine "${definition.name}": it is off`,
    })
    t.same(await machines.ended(call), { state: 'off' })
  })

  await test.test(
    'a machine that ends by itself is kept until it is let go, and not started before',
    async (t) => {
      const { machines, again, endItself, qemuOptions } = await makeStage(t)
      const definition = testDefinition(qemuOptions)
      const call = { uuid: definition.uuid, signal }
      await machines.start(definition, signal)
      const ended = machines.ended(call)
      await endItself(call.uuid)
      t.match(await ended, { state: 'ended' })
      const status = await again().state(call)
      t.match(status, { state: 'ended' }, 'whoever comes later is told, too')
      t.same(await again().ended(call), status)
      await t.rejects(again().start(definition, signal), {
        code: 'machine-not-off',
        message: `Cannot start the machine "${definition.name}": it has ended by itself and is kept, so that it can be told how; kill it first`,
      })
      await t.rejects(machines.resume(definition, signal), { code: 'machine-not-suspended' })
      await t.rejects(machines.suspend(call), {
        code: 'machine-not-running',
        message: /: it has ended by itself$/,
      })
      await again().kill({ ...call, graceMs })
      t.same(await machines.state(call), { state: 'off' })
      await machines.start(definition, signal)
      t.match(await machines.state(call), { state: 'running' })
      await machines.kill({ ...call, graceMs })
    },
  )

  await test.test('whoever waits for an end may give up', async (t) => {
    const { machines, qemuOptions } = await makeStage(t)
    const definition = testDefinition(qemuOptions)
    await machines.start(definition, signal)
    const stop = new AbortController()
    const waiting = machines.ended({ uuid: definition.uuid, signal: stop.signal })
    const refused = t.rejects(waiting, { message: 'enough' })
    stop.abort(new Error('enough'))
    await refused
    await machines.kill({ uuid: definition.uuid, signal, graceMs })
  })
}

/** A machine that has nothing. */
export function testDefinition(qemuOptions: readonly string[] = []): GuestDefinition {
  const uuid = randomUUID()
  return {
    uuid,
    name: `check-${uuid.slice(0, 8)}`,
    driver: 'qemu',
    memoryBytes: 64 * 1024 * 1024,
    vcpuCount: 1,
    disks: [],
    interfaces: [],
    qemuOptions,
    onDaemonStart: 'ignore',
    onDaemonStop: 'ignore',
    onHostShutdown: 'ignore',
    onPoweroff: 'destroy',
    onReboot: 'destroy',
    onCrash: 'preserve',
    stop: { agentMs: undefined, acpiMs: undefined, killMs: undefined },
    restart: { firstMs: 1000, mostMs: 60_000, resetAfterMs: 600_000, restartCountMax: 5 },
  }
}
