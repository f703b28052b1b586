/**
 * A daemon's managed guests for tests: real files, machines that are pretended, a clock that the test moves.
 */
import { join } from 'node:path'
import { setTimeout as pass } from 'node:timers/promises'
import { silentLog } from '@negotiator/common'
import type { PhaseName, PhaseRun } from '@negotiator/common'
import { FakeClock, testFolder } from '@negotiator/common/testing'
import type { Teardown } from '@negotiator/common/testing'
import { createFakeMachines } from '../../drivers/fake/fake-machines.js'
import type { FakeMachines } from '../../drivers/fake/fake-machines.js'
import type { MachineStatus } from '../../drivers/machines.js'
import { checkValues } from '../schema.js'
import { GuestStore } from '../store/guest-store.js'
import { testValues } from '../test-definition.js'
import { startGuest, stopGuest } from './guest-acts.js'
import type { StopWish } from './guest-acts.js'
import type { GuestRunner } from './guest-runner.js'
import type { GuestAnswer, GuestCall } from './in-guest.js'
import { LifeRecords } from './life-record.js'
import { ManagedGuests } from './managed-guests.js'
import type { CameOut } from './report.js'
import type { RunnerTools } from './runner-tools.js'

const { signal } = new AbortController()

/** What a test says of a guest's agent. */
export type AnswerFor = (call: GuestCall) => Promise<GuestAnswer>

/** A world with one store; each daemon in it is a ManagedGuests. */
export class TestLife {
  readonly clock: FakeClock = new FakeClock()
  readonly machines: FakeMachines = createFakeMachines()
  readonly store: GuestStore
  readonly records: LifeRecords
  /** The phases that were raised, with the guest's name and why. */
  readonly phases: string[] = []
  /** What was asked inside the guests. */
  readonly asked: string[] = []
  /** Says no in this phase. */
  vetoed: PhaseName | undefined
  answer: AnswerFor = async () => await Promise.resolve({ kind: 'unasked', reason: 'it has no agent' })
  bootId = 'boot-1'
  readonly #test: Teardown

  constructor(test: Teardown) {
    this.#test = test
    const folder = join(testFolder(test), 'guests')
    this.store = new GuestStore(folder)
    this.records = new LifeRecords(folder)
  }

  get tools(): RunnerTools {
    return {
      store: this.store,
      records: this.records,
      machinesOf: async () => await Promise.resolve(this.machines),
      findsGuestsOf: (driver) => driver === 'qemu',
      bootId: this.bootId,
      // A day of its own, so that no test hangs on today.
      wallClock: () => 1_700_000_000_000 + this.clock.now(),
      inGuest: {
        run: async (call) => {
          this.asked.push([call.command, ...call.args].join(' '))
          return await this.answer(call)
        },
        whenCallable: async () => await Promise.resolve(true),
      },
      runPhase: async ({ phase, subject }): Promise<PhaseRun> => {
        const words = [phase, subject?.guest?.name, subject?.['why'], subject?.['action']]
        this.phases.push(words.filter((word) => typeof word === 'string').join(' '))
        const run = { run: 'run', phase, mode: 'guest', results: [] } as const
        return await Promise.resolve(
          this.vetoed === phase ? { ...run, isVetoed: true, vetoedBy: '20-no' } : { ...run, isVetoed: false },
        )
      },
      clock: this.clock,
      log: silentLog,
    }
  }

  /** Defines a guest. @returns its uuid */
  async define(more: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const checked = checkValues(testValues(more))
    if ('problems' in checked) throw new Error(JSON.stringify(checked.problems))
    const { values } = await this.store.put({ values: checked.values })
    return values.uuid
  }

  /** A daemon that has taken over what is there. */
  async daemon(): Promise<ManagedGuests> {
    const managed = new ManagedGuests(this.tools)
    this.#test.teardown(async () => await managed.close())
    await managed.start()
    return managed
  }

  /** Starts a guest, as somebody asks. */
  start(): (runner: GuestRunner) => Promise<CameOut> {
    return async (runner) => await startGuest({ runner, tools: this.tools, signal, why: 'asked' })
  }

  /** Stops one. */
  stop(wish: Omit<StopWish, 'why'> = {}): (runner: GuestRunner) => Promise<CameOut> {
    return async (runner) => await stopGuest({ runner, tools: this.tools, signal, why: 'asked', ...wish })
  }

  /** Waits for something that takes real time, as files do; meanwhile the test's clock stands still. */
  async until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    // Not without a pause: what is waited for wants the processor, too.
    while (!(await isSo())) await pass(1)
  }

  /** Waits until a machine is in a state. */
  async untilState(uuid: string, wanted: MachineStatus['state']): Promise<void> {
    await this.until(async () => (await this.machines.state({ uuid, signal })).state === wanted)
  }
}
