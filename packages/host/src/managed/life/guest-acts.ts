/**
 * What is done to a managed guest when somebody asks, or the daemon starts: each act tells how the guest is then.
 */
import { UsageError } from '@negotiator/common'
import type { MachineStatus } from '../../drivers/machines.js'
import { notInState } from '../../drivers/not-in-state.js'
import type { GuestAtHand } from './guest-at-hand.js'
import type { GuestRunner } from './guest-runner.js'
import type { CameOut, StepReport, StopMode } from './report.js'
import type { RunnerTools } from './runner-tools.js'
import { resumeMachine, startMachine, subjectOf, tellWhenBack } from './start-machine.js'
import type { StartReason } from './start-machine.js'
import { isOff, stopMachine } from './stop-machine.js'
import { suspendMachine } from './suspend-machine.js'

/** Why a guest is stopped: hooks are told. */
export type StopReason = 'asked' | 'daemon-stop' | 'host-shutdown'

/** Whom something is done to, and with what. */
export interface Acting {
  readonly runner: GuestRunner
  readonly tools: RunnerTools
  readonly signal: AbortSignal
}

/** QEMU lets a machine go that has ended; it is killed after so long. */
const letGoMs = 10_000

/** Starts a guest that is off; when the daemon starts, one that is suspended goes on. */
export async function startGuest({
  runner,
  tools,
  signal,
  why,
}: Acting & { readonly why: StartReason }): Promise<CameOut> {
  return await runner.act({
    doing: 'start',
    signal,
    action: async (guest, until) => {
      const { state } = await statusOf(guest, until)
      if (isLive(state)) return { outcome: 'running', reason: 'it was running already' }
      if (why === 'daemon-start' && (await isLeftOff(runner.uuid, tools)))
        return { outcome: 'off', reason: 'it was left off on purpose' }
      if (state === 'suspended' && why === 'daemon-start') return await resumed(guest, { runner, why, until })
      if (state === 'ended') await letGo(guest, until)
      await startMachine(guest, { why, signal: until })
      const startedMs = tools.wallClock()
      await tools.records.change(runner.uuid, { restartCount: 0, startedMs, offInBoot: undefined })
      const { driver } = guest.definition
      return { outcome: 'running', reason: tools.findsGuestsOf(driver) ? undefined : notCallable(driver) }
    },
  })
}

/** Lets a suspended guest go on. @throws {UsageError} `machine-not-suspended` */
export async function resumeGuest({ runner, signal }: Acting): Promise<CameOut> {
  return await runner.act({
    doing: 'resume',
    signal,
    action: async (guest, until) => await resumed(guest, { runner, why: 'asked', until }),
  })
}

/** Suspends a guest. @throws {UsageError} `machine-not-running`; {@link DeniedError} `vetoed` */
export async function suspendGuest({ runner, signal }: Acting): Promise<CameOut> {
  return await runner.act({
    doing: 'suspend',
    signal,
    action: async (guest, until) => {
      const { state } = await statusOf(guest, until)
      if (state === 'suspended') return { outcome: 'suspended', reason: 'it was suspended already' }
      if (!isLive(state)) throw notInState({ verb: 'suspend', machine: guest.definition.name, state })
      await suspendMachine(guest, until)
      return { outcome: 'suspended' }
    },
  })
}

/** What a stop is asked for. */
export interface StopWish {
  readonly why: StopReason
  readonly mode?: StopMode | undefined
  readonly untilMs?: number | undefined
}

/** Stops a guest. A kill does not wait for a stop that is under way, but takes its place. */
export async function stopGuest({ runner, tools, signal, ...wish }: Acting & StopWish): Promise<CameOut> {
  return await runner.act({
    doing: 'stop',
    signal,
    isUrgent: wish.mode === 'kill',
    action: async (guest, until) => {
      const { state } = await statusOf(guest, until)
      const came = await stopped(guest, { state, wish, signal: until })
      const isMeant = wish.why === 'asked' && came.outcome === 'off'
      if (isMeant) await tools.records.change(runner.uuid, { restartCount: 0, offInBoot: tools.bootId })
      return came
    },
  })
}

function notCallable(driver: string): string {
  return `it cannot be called, for the daemon does not look for guests of its driver; add "${driver}" to "drivers" in the configuration`
}

async function resumed(
  guest: GuestAtHand,
  {
    runner,
    why,
    until,
  }: { readonly runner: GuestRunner; readonly why: StartReason; readonly until: AbortSignal },
): Promise<CameOut> {
  await resumeMachine(guest, { why, signal: until })
  runner.later(tellWhenBack)
  return { outcome: 'running' }
}

/** Stops a guest in a turn that somebody has taken; lets go of one that has ended. @throws {UsageError} `machine-suspended` */
export async function stopped(
  guest: GuestAtHand,
  {
    state,
    wish,
    signal,
  }: { readonly state: MachineStatus['state']; readonly wish: StopWish; readonly signal: AbortSignal },
): Promise<CameOut> {
  const { definition, log, runPhase } = guest
  if (state === 'off') return { outcome: 'off', reason: 'it was off already' }
  if (state === 'suspended' && wish.mode !== 'kill')
    throw new UsageError(
      `Cannot stop "${definition.name}": it is suspended; resume it, or use --mode kill to throw its memory away`,
      { code: 'machine-suspended' },
    )
  if (!isLive(state)) {
    await letGo(guest, signal)
    return { outcome: 'off' }
  }
  const { why } = wish
  await runPhase({ phase: 'stopping', subject: { ...subjectOf(guest), why }, signal })
  const steps = await stopMachine(guest, { ...wish, signal })
  if (!isOff(steps)) {
    const reason = `Cannot stop "${definition.name}": it still runs (${whyNot(steps)})`
    return { outcome: 'failed', reason, steps }
  }
  log.info('A managed guest was stopped', { guest: definition.name, uuid: definition.uuid, why })
  return { outcome: 'off', steps }
}

function whyNot(steps: readonly StepReport[]): string {
  return steps
    .map(({ step, outcome, reason }) => `${step}: ${reason ?? outcome.replaceAll('-', ' ')}`)
    .join('; ')
}

/** Somebody stopped it, or it has shut itself down, since the host was booted: another daemon does not change that. */
async function isLeftOff(uuid: string, { records, bootId }: RunnerTools): Promise<boolean> {
  return (await records.read(uuid)).offInBoot === bootId
}

/** How its machine is. */
export async function statusOf(
  { machines, definition: { uuid } }: GuestAtHand,
  signal: AbortSignal,
): Promise<MachineStatus> {
  return await machines.state({ uuid, signal })
}

async function letGo({ machines, definition: { uuid } }: GuestAtHand, signal: AbortSignal): Promise<void> {
  await machines.kill({ uuid, signal, graceMs: letGoMs })
}

function isLive(state: MachineStatus['state']): boolean {
  return state === 'running' || state === 'paused'
}
