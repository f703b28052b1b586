import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import type { Peer } from '@negotiator/common'
import { Agent, guestToHost, hostToGuest, systemClock } from '@negotiator/common'
import { settle, testAudit, testFolder, testJudge, openStartProcess } from '@negotiator/common/testing'
import { createFakeDriver } from '../drivers/fake/fake-driver.js'
import type { FakeDriver } from '../drivers/fake/fake-driver.js'
import { testLog } from '../drivers/test-world.js'
import { GuestKeeper } from './guest-keeper.js'
import { TestGuest } from './test-guest.js'

const [uuid1, uuid2] = [
  '11111111-1111-4111-8111-111111111111',
  '22222222-2222-4222-8222-222222222222',
] as const

interface Stage {
  readonly agent: Agent
  readonly keeper: GuestKeeper
  readonly drivers: readonly [FakeDriver, FakeDriver]
  readonly logLines: readonly string[]
  /** Waits until the peers and their states are these, e.g. `web1 ready`. */
  readonly peersAre: (...wanted: readonly string[]) => Promise<void>
}

async function setStage(t: Test): Promise<Stage> {
  const commands = testFolder(t)
  writeFileSync(join(commands, 'who'), '#!/bin/sh\necho "$NEGOTIATOR_GUEST $NEGOTIATOR_CALLER_UUID"\n')
  chmodSync(join(commands, 'who'), 0o755)
  const { log, lines } = testLog()
  const heartbeat = { intervalMs: 5_000, deadMs: 15_000 }
  const agent = await Agent.open({
    side: 'host',
    folders: [commands],
    clock: systemClock,
    log,
    heartbeat,
    judge: testJudge(),
    audit: testAudit(),
    startProcess: await openStartProcess(),
  })
  const drivers = [createFakeDriver('first'), createFakeDriver('second')] as const
  const keeper = new GuestKeeper({ agent, drivers, clock: systemClock, log })
  t.teardown(async () => {
    await keeper.close()
    await agent.close()
  })
  const peersAre = async (...wanted: readonly string[]): Promise<void> =>
    await new Promise((resolve) => {
      const unsubscribe = agent.subscribe(() => look())
      const look = (): void => {
        const peers = agent.peers().map(({ name, state }) => `${name} ${state}`)
        if (peers.toSorted().join() !== wanted.toSorted().join()) return
        unsubscribe()
        resolve()
      }
      look()
    })
  return { agent, keeper, drivers, peersAre, logLines: lines }
}

function findIn(agent: Agent, nameOrUuid: string): Peer | undefined {
  return agent.peers().find(({ name, uuid }) => name === nameOrUuid || uuid === nameOrUuid)
}

test('a guest that is there from the beginning can be called and calls under the name that its driver gives', async (t) => {
  const { agent, keeper, drivers, peersAre } = await setStage(t)
  const guest = await TestGuest.start({ test: t })
  drivers[0].setGuests([{ name: 'web1', uuid: uuid1, sockets: guest.sockets }])
  await keeper.start()
  await peersAre('web1 ready')
  t.equal(findIn(agent, uuid1)?.name, 'web1')
  t.ok(((await findIn(agent, 'web1')?.ping()) ?? -1) >= 0)
  t.equal(await guest.callHost('who'), `web1 ${uuid1}\n`)
})

test('guests come and go; those that stay keep their session', async (t) => {
  const { keeper, drivers, peersAre } = await setStage(t)
  await keeper.start()
  await peersAre()
  const [stays, goes] = [await TestGuest.start({ test: t }), await TestGuest.start({ test: t })]
  const web1 = { name: 'web1', uuid: uuid1, sockets: stays.sockets }
  drivers[0].setGuests([web1])
  await peersAre('web1 ready')
  drivers[0].setGuests([web1, { name: 'web2', sockets: goes.sockets }])
  await peersAre('web1 ready', 'web2 ready')
  drivers[0].setGuests([{ ...web1 }])
  await peersAre('web1 ready')
  await goes.left()
  t.equal(stays.attachedCount, 2, 'once to each channel')
})

test('a guest whose sockets move is followed, and so is one that is renamed', async (t) => {
  const { keeper, drivers, peersAre } = await setStage(t)
  const [before, after] = [await TestGuest.start({ test: t }), await TestGuest.start({ test: t })]
  drivers[0].setGuests([
    { name: 'with-uuid', uuid: uuid1, sockets: before.sockets },
    { name: 'without', sockets: { [hostToGuest]: '/nowhere.sock' } },
  ])
  await keeper.start()
  await peersAre('with-uuid ready', 'without connecting')
  drivers[0].setGuests([
    { name: 'with-uuid', uuid: uuid1, sockets: { [hostToGuest]: '/nowhere.sock' } },
    { name: 'without', sockets: after.sockets },
  ])
  await peersAre('with-uuid connecting', 'without ready')
  await before.left()
  drivers[0].setGuests([{ name: 'renamed', uuid: uuid1, sockets: after.sockets }])
  await peersAre('renamed ready')
  t.equal(await after.callHost('who'), `renamed ${uuid1}\n`)
})

test('a guest is connected to once its sockets are there', async (t) => {
  const { keeper, drivers, peersAre } = await setStage(t)
  const folder = testFolder(t)
  const sockets = { [hostToGuest]: join(folder, `${hostToGuest}.sock`) }
  drivers[0].setGuests([{ name: 'web1', sockets }])
  await keeper.start()
  await peersAre('web1 connecting')
  await TestGuest.start({ test: t, folder, channels: [hostToGuest] })
  await peersAre('web1 ready')
})

test('a guest with the one channel on which it calls cannot be called, but calls', async (t) => {
  const { keeper, drivers, peersAre } = await setStage(t)
  const guest = await TestGuest.start({ test: t, channels: [guestToHost] })
  drivers[0].setGuests([{ name: 'web1', sockets: guest.sockets }])
  await keeper.start()
  await peersAre('web1 connecting')
  t.equal(await guest.callHost('who'), 'web1 \n')
})

test('two drivers find their guests side by side', async (t) => {
  const { keeper, drivers, peersAre } = await setStage(t)
  await keeper.start()
  const guests = [await TestGuest.start({ test: t }), await TestGuest.start({ test: t })]
  for (const [index, driver] of drivers.entries()) {
    driver.setGuests([{ name: `web${index + 1}`, sockets: guests[index]?.sockets ?? {} }])
  }
  await peersAre('web1 ready', 'web2 ready')
  t.match(keeper.driverStatus(), [
    { name: 'first', guests: 1 },
    { name: 'second', guests: 1 },
  ])
  drivers[1].setGuests([])
  await peersAre('web1 ready')
})

test('a driver that fails keeps its guests, tells its problem once, and goes on when it can', async (t) => {
  const { keeper, drivers, peersAre, logLines } = await setStage(t)
  const [one, other] = [await TestGuest.start({ test: t }), await TestGuest.start({ test: t })]
  drivers[0].setGuests([{ name: 'web1', sockets: one.sockets }])
  await keeper.start()
  await peersAre('web1 ready')
  for (const problem of ['out of order', 'out of order']) drivers[0].setProblem(new Error(problem))
  drivers[1].setGuests([{ name: 'web2', sockets: other.sockets }])
  await peersAre('web1 ready', 'web2 ready')
  drivers[0].setProblem(new Error('still so'))
  while (keeper.driverStatus()[0]?.problem !== 'still so') await settle()
  t.match(keeper.driverStatus(), [
    { name: 'first', guests: 1, problem: 'still so' },
    { name: 'second', guests: 1, problem: undefined },
  ])
  t.equal(await one.callHost('who'), 'web1 \n')
  t.same(
    logLines.filter((line) => line.startsWith('warn')),
    ['warn  out of order driver="first"\n', 'warn  still so driver="first"\n'],
  )
  drivers[0].setGuests([])
  await peersAre('web2 ready')
  t.match(keeper.driverStatus(), [{ guests: 0, problem: undefined }, { guests: 1 }])
})

test('two guests of one name are known by their uuids, until only one has it', async (t) => {
  const { agent, keeper, drivers, peersAre } = await setStage(t)
  const [one, other] = [await TestGuest.start({ test: t }), await TestGuest.start({ test: t })]
  drivers[0].setGuests([
    { name: 'web', uuid: uuid1, sockets: one.sockets },
    { name: 'web', uuid: uuid2, sockets: other.sockets },
  ])
  await keeper.start()
  await peersAre('web ready', 'web ready')
  t.same(
    [await one.callHost('who'), await other.callHost('who')],
    [`${uuid1} ${uuid1}\n`, `${uuid2} ${uuid2}\n`],
  )
  t.equal(findIn(agent, uuid2)?.uuid, uuid2)
  drivers[0].setGuests([{ name: 'web', uuid: uuid2, sockets: other.sockets }])
  await peersAre('web ready')
  t.equal(findIn(agent, 'web')?.uuid, uuid2)
  t.equal(await other.callHost('who'), `web ${uuid2}\n`)
  t.equal(other.attachedCount, 2)
})

for (const [driverOfReal, driverOfImpostor] of [
  [0, 1],
  [1, 0],
] as const) {
  test(`a guest of driver ${driverOfReal} cannot be had by one of driver ${driverOfImpostor} that claims its uuid`, async (t) => {
    const { keeper, drivers, peersAre, logLines } = await setStage(t)
    const [real, impostor] = [await TestGuest.start({ test: t }), await TestGuest.start({ test: t })]
    drivers[driverOfReal].setGuests([{ name: 'real', uuid: uuid1, sockets: real.sockets }])
    await keeper.start()
    await peersAre('real ready')
    const claim = { name: 'impostor', uuid: uuid1, sockets: impostor.sockets }
    for (const guests of [[claim], [], [claim]]) drivers[driverOfImpostor].setGuests(guests)
    while (keeper.driverStatus()[driverOfImpostor]?.guests !== 1) await settle()
    t.equal(await real.callHost('who'), `real ${uuid1}\n`)
    t.same([real.attachedCount, impostor.attachedCount], [2, 0])
    drivers[driverOfReal].setGuests([])
    await peersAre('impostor ready')
    t.equal(logLines.filter((line) => line.includes('same uuid')).length, 1, 'told once')
  })
}

test('how a machine is shows in its state; a session outlives a pause', async (t) => {
  const { keeper, drivers, peersAre, agent } = await setStage(t)
  const guest = await TestGuest.start({ test: t })
  const { sockets } = guest
  const become = (state: 'running' | 'paused' | 'off', places: typeof sockets): void =>
    drivers[0].setGuests([{ name: 'web1', uuid: uuid1, state, sockets: places }])
  become('off', {})
  await keeper.start()
  await peersAre('web1 off')
  become('running', {})
  await peersAre('web1 no-channels')
  t.throws(() => findIn(agent, 'web1')?.open({ ask: 'commands' }), {
    code: 'not-ready',
    message:
      /^Cannot call "web1": its machine runs without our channels; `negotiator-host attach` adds them$/,
  })
  become('running', sockets)
  await peersAre('web1 ready')
  become('paused', sockets)
  await peersAre('web1 paused')
  become('running', sockets)
  await peersAre('web1 ready')
  t.equal(guest.attachedCount, 2, 'once to each channel')
})

test('close() leaves all guests, and looks for none any more', async (t) => {
  const { agent, keeper, drivers, peersAre } = await setStage(t)
  const guest = await TestGuest.start({ test: t })
  const web1 = { name: 'web1', sockets: guest.sockets }
  drivers[0].setGuests([web1, { name: 'absent', sockets: { [hostToGuest]: '/nowhere.sock' } }])
  await keeper.start()
  await peersAre('web1 ready', 'absent connecting')
  await keeper.close()
  await guest.left()
  t.same(agent.peers(), [])
  t.same(
    drivers.map(({ watcherCount }) => watcherCount),
    [0, 0],
  )
  drivers[0].setGuests([web1])
  await keeper.close()
  t.same(agent.peers(), [])
})

test('close() while guests are being looked for makes no link', async (t) => {
  const { agent, keeper, drivers } = await setStage(t)
  const guest = await TestGuest.start({ test: t })
  await keeper.start()
  drivers[0].setGuests([{ name: 'web1', sockets: guest.sockets }])
  await keeper.close()
  t.same(agent.peers(), [])
  t.equal(guest.attachedCount, 0)
})
