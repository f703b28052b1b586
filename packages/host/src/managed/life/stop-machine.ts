/**
 * Stops a guest that runs: its agent is asked, then its power button is pressed, then it is killed; each step has its deadline, and
 * a report.
 */
import { sentenceOf, SystemError } from '@negotiator/common'
import type { GuestAtHand } from './guest-at-hand.js'
import { stopModes } from './report.js'
import type { StepReport, StopMode } from './report.js'
import { withDeadline } from './with-deadline.js'

/** How a guest is to be stopped. */
export interface StopRequest {
  /** This way only; all in turn unless given. */
  readonly mode?: StopMode | undefined
  /** On the guest's clock: when it has to be over. What is killed is killed in time. */
  readonly untilMs?: number | undefined
  /** Leaves the guest as it is by then. */
  readonly signal: AbortSignal
}

/** What a step needs. */
interface Step {
  readonly mode: StopMode
  /** `undefined`: the definition does not want it. */
  readonly limitMs: number | undefined
  readonly signal: AbortSignal
}

/** For a way that the definition leaves out and somebody asks for by name; and how long QEMU may take to let a machine go. */
const usualMs: Readonly<Record<StopMode, number>> = { agent: 60_000, acpi: 60_000, kill: 10_000 }

/** Stops it. @returns its steps; the last one has `ended` when it is off */
export async function stopMachine(guest: GuestAtHand, request: StopRequest): Promise<readonly StepReport[]> {
  const steps: StepReport[] = []
  for (const mode of request.mode === undefined ? stopModes : [request.mode]) {
    const startMs = guest.clock.now()
    const outcome = await stopBy(guest, {
      mode,
      limitMs: limitOf(guest, { mode, request }),
      signal: request.signal,
    })
    steps.push({ step: mode, ...outcome, durationMs: Math.round(guest.clock.now() - startMs) })
    if (outcome.outcome === 'ended') break
  }
  return steps
}

/** Whether the guest is off. */
export function isOff(steps: readonly StepReport[]): boolean {
  return steps.at(-1)?.outcome === 'ended'
}

/** A step's own deadline, and not so late that no time is left for a kill. */
function limitOf(
  { definition: { stop }, clock }: GuestAtHand,
  { mode, request }: { readonly mode: StopMode; readonly request: StopRequest },
): number | undefined {
  const own = { agent: stop.agentMs, acpi: stop.acpiMs, kill: stop.killMs }[mode]
  const limitMs = own ?? (request.mode === mode ? usualMs[mode] : undefined)
  if (limitMs === undefined || request.untilMs === undefined) return limitMs
  const leftMs = request.untilMs - clock.now()
  return Math.max(0, Math.min(limitMs, mode === 'kill' ? leftMs : leftMs - (stop.killMs ?? 0)))
}

async function stopBy(guest: GuestAtHand, step: Step): Promise<Omit<StepReport, 'step' | 'durationMs'>> {
  const { mode, limitMs, signal } = step
  if (limitMs === undefined) return { outcome: 'left-out', reason: 'its definition says "skip"' }
  const { machines, definition, clock } = guest
  const { uuid } = definition
  if (mode === 'kill') {
    await machines.kill({ uuid, signal, graceMs: limitMs })
    return { outcome: 'ended' }
  }
  if (limitMs === 0) return { outcome: 'left-out', reason: 'no time is left for it' }
  try {
    const ended = await withDeadline({ clock, limitMs, signal }, async (until) => {
      if (mode === 'acpi') await machines.shutdown({ uuid, signal: until })
      else await askAgent(guest, { limitMs, signal: until })
      return await machines.ended({ uuid, signal: until })
    })
    if (ended === 'late') return { outcome: 'not-in-time' }
  } catch (error) {
    signal.throwIfAborted()
    return { outcome: 'failed', reason: sentenceOf(error) }
  }
  // It has ended, and is kept for whoever asks how.
  await machines.kill({ uuid, signal, graceMs: usualMs.kill })
  return { outcome: 'ended' }
}

/** Asks, and waits no longer than `signal` lets it. @throws {SystemError} `agent-refused` */
async function askAgent(
  { inGuest, definition: { uuid } }: GuestAtHand,
  { limitMs, signal }: { readonly limitMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const call = { uuid, command: 'power', args: ['shutdown'], timeoutMs: limitMs, signal }
  const answer = await Promise.race([inGuest.run(call), aborted(signal)])
  signal.throwIfAborted()
  if (answer !== undefined && answer.kind !== 'done')
    throw new SystemError(answer.reason, { code: 'agent-refused' })
}

async function aborted(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return undefined
  return await new Promise((resolve) =>
    signal.addEventListener('abort', () => resolve(undefined), { once: true }),
  )
}
