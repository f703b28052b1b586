import { CollectedCall } from '@negotiator/common/testing'
import type { MachineRequest } from '@negotiator/common'
import { test } from 'tap'
import type { Test } from 'tap'
import { otherUuid, testUuid } from '../test-definition.js'
import { serveMachines } from './machine-requests.js'
import { TestLife } from './test-life.js'

const ownUserId = process.geteuid?.() ?? 0

/** One who may, unless told. */
function userOf(userId: number): {
  readonly userId: number
  userName: string
  groupNames: string[]
  processId: number
} {
  return { userId, userName: `user${userId}`, groupNames: [], processId: 1 }
}

interface Answered {
  readonly result: unknown
  readonly reports: readonly unknown[]
}

/** A host with two guests, and what a local program is answered. */
async function host(t: Test): Promise<{
  life: TestLife
  ask: (request: Omit<MachineRequest, 'ask'>, userId?: number) => Promise<Answered>
}> {
  const life = new TestLife(t)
  await life.define()
  await life.define({ uuid: otherUuid, name: 'web2' })
  const managed = await life.daemon()
  const ask = async (request: Omit<MachineRequest, 'ask'>, userId = ownUserId): Promise<Answered> => {
    const call = new CollectedCall({ request: { ask: 'machine', ...request }, outputBytesMax: 10_000 })
    const program = { kind: 'program', user: userOf(userId) } as const
    const needs = { request: { ask: 'machine', ...request }, program, managed, tools: life.tools } as const
    serveMachines(call, needs)
    const { result, stdout } = await call.ended
    const lines = stdout.toString().split('\n').slice(0, -1)
    return { result, reports: lines.map((line) => JSON.parse(line) as unknown) }
  }
  return { life, ask }
}

test('serveMachines() does what is asked, and tells how each guest is', async (t) => {
  const { ask } = await host(t)
  t.match(await ask({ action: 'start', target: 'web1' }), {
    result: { kind: 'exited', code: 0 },
    reports: [{ guest: { name: 'web1', uuid: testUuid }, outcome: 'running' }],
  })
  t.match(await ask({ action: 'suspend', target: testUuid }), { reports: [{ outcome: 'suspended' }] })
  t.match(await ask({ action: 'resume', target: 'web1' }), { reports: [{ outcome: 'running' }] })
  t.match(await ask({ action: 'stop', target: 'web1', mode: 'kill' }), {
    reports: [{ outcome: 'off', steps: [{ step: 'kill', outcome: 'ended' }] }],
  })
  t.match(await ask({ action: 'host-shutdown', timeoutMs: 1_000 }), {
    result: { kind: 'exited', code: 0 },
    reports: [{ outcome: 'off' }, { outcome: 'off' }],
  })
})

test('serveMachines() ends with 1 when something failed', async (t) => {
  const { ask } = await host(t)
  t.match(await ask({ action: 'resume', target: 'web1' }), {
    result: { kind: 'exited', code: 1 },
    reports: [{ outcome: 'failed', reason: 'Cannot resume the machine "web1": it is off' }],
  })
})

test('serveMachines() says what it cannot do', async (t) => {
  const { ask } = await host(t)
  const reasonOf = async (request: Omit<MachineRequest, 'ask'>): Promise<unknown> => {
    const { result, reports } = await ask(request)
    t.same(reports, [])
    return result
  }
  t.match(await reasonOf({ action: 'start', target: 'web' }), {
    kind: 'unreachable',
    reason: /^Cannot find the managed guest "web": .+ did you mean "web1"\?$/,
  })
  t.match(await reasonOf({ action: 'start' }), {
    kind: 'unreachable',
    reason: 'Cannot act on a managed guest: none is named',
  })
  t.match(await reasonOf({ action: 'stop', target: 'web1', mode: 'politely' }), {
    kind: 'unreachable',
    reason: 'Cannot stop a guest by "politely": the modes are agent, acpi, kill',
  })
})

test('serveMachines() is for root and the user of the daemon', async (t) => {
  const { ask } = await host(t)
  const denied = (verb: string): unknown => ({
    kind: 'denied',
    reason: `Cannot ${verb}: the user "user4711" may not; root and the user of the daemon may`,
  })
  t.same(await ask({ action: 'start', target: 'web1' }, 4711), {
    result: denied('start a managed guest'),
    reports: [],
  })
  t.same(await ask({ action: 'host-shutdown' }, 4711), {
    result: denied('stop the managed guests'),
    reports: [],
  })
})

test('a caller that leaves breaks off what it asked for; the guest stays as it is', async (t) => {
  const { life, ask } = await host(t)
  await ask({ action: 'start', target: 'web1' })
  const managed = await life.daemon()
  const request = { ask: 'machine', action: 'stop', target: 'web1' } as const
  const call = new CollectedCall({ request, outputBytesMax: 10_000 })
  const program = { kind: 'program', user: userOf(ownUserId) } as const
  serveMachines(call, { request, program, managed, tools: life.tools })
  await life.until(() => life.machines.pressCount(testUuid) === 1)
  call.stop('cancelled')
  t.match(JSON.parse((await call.ended).stdout.toString()), {
    outcome: 'failed',
    reason: 'It was broken off, for the caller left',
  })
  await life.untilState(testUuid, 'running')
})
