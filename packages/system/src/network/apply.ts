/**
 * Applies a change, in an order that leaves a way back at every moment: what was there is kept, the watchdog started, and
 * only then is anything touched. What fails half-way is rolled back at once.
 */
import { sentenceOf } from '@negotiator/common'
import { CommandFailure, exitFailed } from '../failure.js'
import { readText } from '../files.js'
import type { Machine } from '../machine.js'
import type { ToolCall } from './backend.js'
import { cidr } from './backend.js'
import type { NetworkChange } from './change.js'
import { keepEarlier, moveMarker, readLastChange, readUptime, setDeadline } from './change-folder.js'
import { readAddresses } from './machine-interfaces.js'
import type { NetworkPlan } from './plan.js'
import { changeFolder } from './scripts.js'
import type { Marker } from './scripts.js'
import { removeStartUnit, startWatchdog } from './watchdog.js'
import { writeWhole } from './write-whole.js'

/** A tool waits for a link, for an answer that nobody else has the address, for a daemon that starts. */
const toolTimeoutMs = 60_000
/** Addresses come a moment after the tool has ended; of IPv6 they are first tried for a second or two. */
const verifyTries = 20
const verifyPauseMs = 1000
/** All of it, before anybody can be asked to confirm; then the watchdog acts although this has not ended. */
const applySecondsMax = 240

export interface ApplyRequest {
  readonly machine: Machine
  readonly change: NetworkChange
  readonly caller: string
  readonly confirmWithinSeconds: number
  readonly signal: AbortSignal
}

/**
 * When this returns the addresses are there, and the change waits to be confirmed.
 *
 * @throws CommandFailure when it could not be done; then what was there before is there again
 */
export async function applyChange(request: ApplyRequest): Promise<void> {
  const { machine, change, caller, confirmWithinSeconds, signal } = request
  const deadline = (await readUptime(machine)) + applySecondsMax + confirmWithinSeconds
  await keepEarlier(machine, { change, caller, deadline })
  await startWatchdogOrLeave(machine, signal)
  try {
    await bringAbout(request)
    await setDeadline(machine, (await readUptime(machine)) + confirmWithinSeconds)
  } catch (error) {
    // A caller that has gone is not waited for, so neither is the way back: the watchdog takes it at once.
    if (signal.aborted) await setDeadline(machine, 0)
    else throw new CommandFailure(`${sentenceOf(error)}; ${await takeBack(machine, signal)}`, exitFailed)
    throw error
  }
}

async function startWatchdogOrLeave(machine: Machine, signal: AbortSignal): Promise<void> {
  try {
    await startWatchdog(machine, signal)
  } catch (error) {
    // Nothing was touched yet.
    await moveMarker(machine, { from: 'pending', to: 'rolled-back' })
    await removeStartUnit(machine)
    throw error
  }
}

async function bringAbout({ machine, change, signal }: ApplyRequest): Promise<void> {
  await runAll(machine, { calls: change.forward.before, signal })
  for (const { path, content, mode } of change.files)
    await writeWhole(machine.root + path, { text: content, mode })
  await runAll(machine, { calls: change.forward.after, signal })
  await verify(machine, { plan: change.plan, signal })
}

async function takeBack(machine: Machine, signal: AbortSignal): Promise<string> {
  const faults = await rollBack(machine, { from: ['pending'], signal })
  if (faults === undefined) return 'the watchdog puts back what was there before'
  return faults === ''
    ? 'what was there before is there again'
    : `what was there before came back in part: ${faults}`
}

/**
 * Puts back what was there before the last change.
 *
 * @returns what went wrong on the way, a line each; `undefined` when the change is in none of these states
 */
export async function rollBack(
  machine: Machine,
  { from, signal }: { readonly from: readonly Marker[]; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const folder = machine.root + changeFolder
  const told = await machine.run('sh', [`${folder}/roll-back.sh`, 'now', ...from], {
    signal,
    timeoutMs: 4 * toolTimeoutMs,
  })
  const isDone = (await readLastChange(machine))?.marker === 'rolled-back'
  if (told?.exitCode === 3) return undefined
  const log = ((await readText(machine, `${changeFolder}/roll-back.log`)) ?? '').trim()
  if (told?.exitCode === 0 && isDone) return ''
  return log === '' ? 'its script did not end' : log.replaceAll('\n', '; ')
}

async function runAll(
  machine: Machine,
  { calls, signal }: { readonly calls: readonly ToolCall[]; readonly signal: AbortSignal },
): Promise<void> {
  for (const [file, ...args] of calls) {
    const told = await machine.run(file, args, { signal, timeoutMs: toolTimeoutMs })
    if (told?.exitCode === 0) continue
    const words = [file, ...args].join(' ')
    throw new CommandFailure(`Cannot apply the network: ${words} ${endingOf(told)}`, exitFailed)
  }
}

function endingOf(told: Awaited<ReturnType<Machine['run']>>): string {
  if (told === undefined) return 'cannot be run: there is no such tool'
  const words = `${told.stderr}\n${told.stdout}`.trim().split('\n').slice(-5).join(' / ').slice(0, 1000)
  return told.exitCode === undefined ? `did not end: ${words}` : `gave ${told.exitCode}: ${words}`
}

/** @throws CommandFailure which names what did not come */
async function verify(
  machine: Machine,
  { plan, signal }: { readonly plan: NetworkPlan; readonly signal: AbortSignal },
): Promise<void> {
  let missing: readonly string[] = []
  for (let tries = 0; tries < verifyTries; tries += 1) {
    if (tries > 0) await machine.wait(verifyPauseMs, signal)
    missing = await missingAddresses(machine, { plan, signal })
    if (missing.length === 0) return
  }
  throw new CommandFailure(
    `Cannot apply the network: ${missing.join(', ')} did not come; is the cable in?`,
    exitFailed,
  )
}

/** Such as `192.0.2.42/24 on eth0`. */
export async function missingAddresses(
  machine: Machine,
  { plan, signal }: { readonly plan: NetworkPlan; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const missing = await Promise.all(
    plan.interfaces.map(async ({ name, addresses }) => {
      const there = await readAddresses(machine, { name, signal })
      return addresses
        .map(cidr)
        .filter((address) => !there.has(address))
        .map((address) => `${address} on ${name}`)
    }),
  )
  return missing.flat()
}
