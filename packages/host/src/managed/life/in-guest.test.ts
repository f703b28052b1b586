import { Agent, silentLog, systemClock } from '@negotiator/common'
import type { Clock } from '@negotiator/common'
import {
  FakeClock,
  openStartProcess,
  settle,
  testAudit,
  testFolder,
  testJudge,
  writeCommand,
} from '@negotiator/common/testing'
import { test } from 'tap'
import type { Test } from 'tap'
import { createFakeDriver } from '../../drivers/fake/fake-driver.js'
import { GuestKeeper } from '../../guests/guest-keeper.js'
import { TestGuest } from '../../guests/test-guest.js'
import { testUuid } from '../test-definition.js'
import { InGuest } from './in-guest.js'
import type { GuestAnswer } from './in-guest.js'

interface Stage {
  readonly inGuest: InGuest
  readonly appear: () => void
  readonly run: (command: string, timeoutMs?: number) => Promise<GuestAnswer>
}

const { signal } = new AbortController()

/** A host, and a guest with commands that it finds once it shall. */
async function setStage(t: Test, { clock = systemClock }: { clock?: Clock } = {}): Promise<Stage> {
  const folder = testFolder(t)
  writeCommand({ folder, name: 'fine', script: 'exit 0' })
  writeCommand({ folder, name: 'refuses', script: 'echo "  a backup\n runs" >&2; exit 3' })
  writeCommand({ folder, name: 'rambles', script: 'head -c 5000 /dev/zero | tr "\\0" x; exit 1' })
  writeCommand({ folder, name: 'dies', script: 'kill -9 $$' })
  writeCommand({ folder, name: 'hangs', script: 'exec sleep 600' })
  const guest = await TestGuest.start({ test: t, commands: [folder] })
  const agent = await Agent.open({
    ...{ side: 'host', folders: [], clock: systemClock, log: silentLog },
    heartbeat: { intervalMs: 5_000, deadMs: 15_000 },
    judge: testJudge(),
    audit: testAudit(),
    startProcess: await openStartProcess(),
  })
  const driver = createFakeDriver('fake')
  const keeper = new GuestKeeper({ agent, drivers: [driver], clock: systemClock, log: silentLog })
  t.teardown(async () => {
    await keeper.close()
    await agent.close()
  })
  await keeper.start()
  const inGuest = new InGuest({ directory: agent, clock })
  return {
    inGuest,
    appear: () => driver.setGuests([{ name: 'web1', uuid: testUuid, sockets: guest.sockets }]),
    run: async (command, timeoutMs = 60_000) =>
      await inGuest.run({ uuid: testUuid, command, args: [], timeoutMs, signal }),
  }
}

test('run() tells how a guest answered, in its own words where it has some', async (t) => {
  const { inGuest, appear, run } = await setStage(t)
  t.same(await run('fine'), { kind: 'unasked', reason: 'its agent cannot be called: it is not there' })
  appear()
  t.ok(await inGuest.whenCallable(testUuid, { timeoutMs: 60_000, signal }))
  t.same(await run('fine'), { kind: 'done' })
  t.same(await run('refuses'), {
    kind: 'refused',
    reason: 'it exited with 3: a backup runs',
    exitCode: 3,
  })
  t.same(await run('rambles'), {
    kind: 'refused',
    reason: `it exited with 1: ${'x'.repeat(200)}`,
    exitCode: 1,
  })
  t.same(await run('dies'), { kind: 'refused', reason: 'it was ended by SIGKILL' })
  t.same(await run('missing'), { kind: 'unasked', reason: 'there is no command of this name' })
  t.match(await run('hangs', 50), { kind: 'refused', reason: /^timed-out: / })
})

test('run() is cancelled by its signal', async (t) => {
  const { inGuest, appear } = await setStage(t)
  appear()
  await inGuest.whenCallable(testUuid, { timeoutMs: 60_000, signal })
  const stop = new AbortController()
  const call = { uuid: testUuid, command: 'hangs', args: [], timeoutMs: 60_000, signal: stop.signal }
  const answer = inGuest.run(call)
  stop.abort()
  t.match(await answer, { kind: 'refused', reason: /^cancelled: / })
})

test('whenCallable() gives up when its time is over', async (t) => {
  const clock = new FakeClock()
  const { inGuest } = await setStage(t, { clock })
  const waiting = inGuest.whenCallable(testUuid, { timeoutMs: 1_000, signal })
  await settle()
  await clock.advance(1_000)
  t.notOk(await waiting)
  t.equal(clock.timerCount, 0)
})
