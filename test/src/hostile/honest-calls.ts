/**
 * The honest guest's calls, both ways, one after another for as long as wanted, each answer checked and timed.
 */
import { setTimeout as pass } from 'node:timers/promises'
import { honestName, honestScript } from './stage.js'
import type { Stage } from './stage.js'
import { stopFile, stopHonest } from './stop-honest.js'

/** What came of calls. */
export interface Calls {
  /** Milliseconds of each. */
  readonly times: readonly number[]
  /** Answers that were not what was asked for. */
  readonly wrong: readonly unknown[]
}

/** All that the honest guest had to do with its host. */
export interface HonestCalls {
  readonly pings: Calls
  readonly toGuest: Calls
  readonly toHost: Calls
}

const pauseMs = 50
/** However slow the machine is: fewer tell nothing. The script in the guest does as many. */
const callsMin = 20
/** The script may be asked to go on for as long as anybody wants to be hostile. */
const scriptTimeoutMs = 3_600_000

/** Calls both ways while `meanwhile` goes on. @throws what `meanwhile` throws */
export async function callHonestly(stage: Stage, meanwhile: () => Promise<void>): Promise<HonestCalls> {
  const { client, honest } = stage
  let isOver = false
  const until = async (call: (number: number) => Promise<unknown>): Promise<Calls> =>
    await repeat(() => isOver, call)
  await honest.console.run(`rm -f ${stopFile}`)
  const toHost = honest.console.run(`node ${honestScript} ${stopFile}`, { timeoutMs: scriptTimeoutMs })
  const toGuest = until(async (number) => {
    const outcome = await client.run({ target: honestName, command: 'print-arguments', args: [`${number}`] })
    return outcome.stdout.toString() === `[${number}]` ? undefined : outcome
  })
  const pings = until(async () => void (await client.ping(honestName)))
  try {
    await meanwhile()
  } finally {
    isOver = true
    await toGuest
    // Its own console is busy with the script, so the host's call makes the end known.
    await endScript(stage)
  }
  const { stdout, stderr } = await toHost
  if (stdout === '') throw new Error(`The honest guest's calls ended: ${stderr}`)
  return { pings: await pings, toGuest: await toGuest, toHost: JSON.parse(stdout) as Calls }
}

async function endScript({ client }: Stage): Promise<void> {
  const { kind } = await client.run({ target: honestName, command: stopHonest.name })
  if (kind !== 'exited') throw new Error(`Cannot end the honest guest's calls: ${kind}`)
}

/** @param call gives what was wrong, if anything was */
async function repeat(isOver: () => boolean, call: (number: number) => Promise<unknown>): Promise<Calls> {
  const times: number[] = []
  const wrong: unknown[] = []
  for (let number = 0; number < callsMin || !isOver(); number += 1) {
    const startedMs = performance.now()
    const fault = await call(number).catch((error: unknown) => error)
    times.push(performance.now() - startedMs)
    if (fault !== undefined) wrong.push(fault)
    await pass(pauseMs)
  }
  return { times, wrong }
}
