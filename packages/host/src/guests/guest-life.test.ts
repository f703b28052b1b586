import { test } from 'tap'
import { silentLog } from '@negotiator/common'
import type { PhaseRequest, PhaseRun, RunPhase } from '@negotiator/common'
import { GuestLife } from './guest-life.js'

/** Takes the place of the hooks: each phase takes until the test says that it is over. */
class HeldHooks {
  readonly begun: string[] = []
  readonly #over: (() => void)[] = []

  readonly runPhase: RunPhase = async ({ phase, subject, signal }: PhaseRequest): Promise<PhaseRun> => {
    this.begun.push(`${subject?.guest?.name} ${phase}`)
    await new Promise<void>((resolve) => {
      this.#over.push(resolve)
      signal?.addEventListener('abort', () => resolve())
    })
    return { run: '', phase, mode: 'guest', results: [], isVetoed: false }
  }

  /** Lets the phase end that has run for the longest time, and the next begin. */
  async endOne(): Promise<void> {
    this.#over.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function guest(name: string): { name: string; uuid: string } {
  return { name, uuid: `uuid-of-${name}` }
}

test('GuestLife raises the phases of one guest in order, of several at once', async (t) => {
  const hooks = new HeldHooks()
  const life = new GuestLife({ runPhase: hooks.runPhase, log: silentLog })
  life.settle()
  life.seen(guest('a'), 'ready')
  life.seen(guest('b'), 'connecting')
  t.same(hooks.begun, ['a started', 'b started'])
  t.match(life.status, { guestsRunning: 2, phasesWaiting: 2 })
  await hooks.endOne()
  await hooks.endOne()
  t.same(hooks.begun.slice(2), ['a connected'])
  await hooks.endOne()
  await hooks.endOne()
  t.same(hooks.begun.slice(3), ['a ready'])
  t.match(life.status, { guestsRunning: 0, phasesWaiting: 0, phasesDropped: 0 })
})

test('GuestLife does not say of a guest that was there before the daemon that it was started', async (t) => {
  const hooks = new HeldHooks()
  const life = new GuestLife({ runPhase: hooks.runPhase, log: silentLog })
  life.seen(guest('there'), 'ready')
  life.seen(guest('off'), 'off')
  life.settle()
  life.seen(guest('off'), 'connecting')
  t.same(hooks.begun, ['there connected', 'off started'])
})

test('GuestLife bounds what a guest that comes and goes can cause, and how many run at once', async (t) => {
  const hooks = new HeldHooks()
  const life = new GuestLife({ runPhase: hooks.runPhase, log: silentLog })
  for (let turn = 0; turn < 100; turn += 1) {
    life.seen(guest('restless'), 'silent')
    life.seen(guest('restless'), 'ready')
  }
  t.match(life.status, { guestsRunning: 1, phasesWaiting: 32 })
  t.ok(life.status.phasesDropped > 100)
  for (let number = 0; number < 20; number += 1) life.seen(guest(`g${number}`), 'silent')
  t.equal(life.status.guestsRunning, 8)
})

test('GuestLife goes on after a phase that could not be run', async (t) => {
  const told: string[] = []
  const log = { ...silentLog, warn: (sentence: string) => void told.push(sentence) }
  const runPhase: RunPhase = async ({ phase }) => await Promise.reject(new Error(`Cannot run ${phase}`))
  const life = new GuestLife({ runPhase, log })
  life.seen(guest('a'), 'ready')
  while (life.status.guestsRunning > 0) await new Promise((resolve) => setImmediate(resolve))
  t.same(told, ['Cannot run connected', 'Cannot run ready'])
})

test('GuestLife.close() ends what runs and raises nothing more', async (t) => {
  const hooks = new HeldHooks()
  const life = new GuestLife({ runPhase: hooks.runPhase, log: silentLog })
  life.seen(guest('a'), 'ready')
  await life.close()
  life.seen(guest('b'), 'ready')
  t.same(hooks.begun, ['a connected'])
  t.match(life.status, { guestsRunning: 0, phasesWaiting: 0 })
})
