/**
 * `pnpm hostile` and the story: what an honest guest and the host's daemon have to bear beside a hostile guest.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pass } from 'node:timers/promises'
import { DaemonWatch, holdingsOf, processorSeconds } from './daemon-watch.js'
import type { Holdings } from './daemon-watch.js'
import { callHonestly } from './honest-calls.js'
import type { HonestCalls } from './honest-calls.js'
import { beHostile, bringDaemonBack, burnCore, hostileName } from './stage.js'
import type { Stage } from './stage.js'

/** How hostile, and for how long. */
export interface HostileOptions {
  readonly seed: number
  /** How long one phase lasts. */
  readonly phaseMs: number
  /** How long calls are measured before. */
  readonly idleMs: number
  /** How long hostility lasts at least; every phase is played once, whatever it says. */
  readonly hostileMs: number
  readonly say: (line: string) => void
}

/** What was seen. */
export interface HostileReport {
  readonly idle: HonestCalls
  readonly beside: HonestCalls
  readonly residentMibIdle: number
  readonly residentMibMax: number
  readonly holdingsBefore: Holdings
  readonly holdingsAfter: Holdings
  /** Of the host's daemon, while the other was hostile: processors in use. */
  readonly daemonLoad: number
  readonly logLines: readonly string[]
  readonly hostileSeconds: number
  /** What `negotiator-host status --json` and `guests` printed at the end of hostility. */
  readonly status: string
  readonly guests: string
  /** The host's audit log. */
  readonly auditLines: readonly string[]
  /** What the script said of its phases. */
  readonly phases: readonly string[]
}

const allPlayed = /hostile: every phase was played/
const playTimeoutMs = 1_800_000
/** How long it may take until nothing is left: a guest that has fallen silent is dead after 15 s, its commands 2 s later. */
const settleMaxMs = 40_000
const recoveryMs = 60_000
const callMs = 5_000

/** Measures the idle stage, lets the script loose, and gives what was seen; the script is stopped in the end. */
export async function runHostile(stage: Stage, options: HostileOptions): Promise<HostileReport> {
  const { host, hostile } = stage
  const { idleMs, say } = options
  say(`Seed ${options.seed}. Calling while the hostile machine is busy with itself ...`)
  const burning = await burnCore(hostile)
  const idle = await callHonestly(stage, async () => await pass(idleMs))
  await burning.stop()
  const watch = new DaemonWatch(host.daemonId)
  const holdingsBefore = await holdingsOf(host.daemonId)
  const residentMibIdle = await residentNow(watch)
  const logStart = host.log.length
  const startedS = await processorSeconds(host.daemonId)
  const startedMs = performance.now()
  say('Calling while it is hostile ...')
  let told = { status: '', guests: '' }
  const beside = await callHonestly(stage, async () => {
    const script = await beHostile(hostile, options)
    await endure(stage, options)
    told = await tell(stage)
    await script.stop()
  })
  const hostileSeconds = (performance.now() - startedMs) / 1000
  const daemonLoad = ((await processorSeconds(host.daemonId)) - startedS) / hostileSeconds
  await watch.stop()
  const holdingsAfter = await settledHoldings(host.daemonId, holdingsBefore)
  const logLines = host.log.slice(logStart).split('\n')
  return {
    ...{ idle, beside, residentMibIdle, residentMibMax: watch.residentMibMax, holdingsBefore },
    ...{ holdingsAfter, daemonLoad, logLines, hostileSeconds, ...told },
    auditLines: await auditLinesOf(host),
    phases: hostile.log.text.split('\n').filter((line) => line.startsWith('hostile: ')),
  }
}

/**
 * Lets our daemon have the hostile machine's ports again, and calls it. What the script has left in the ports comes first, and
 * its session is believed until the daemon's own takes its place.
 * @returns what a command there prints
 */
export async function recover({ client, hostile }: Stage): Promise<string> {
  await bringDaemonBack(hostile)
  const late = AbortSignal.timeout(recoveryMs)
  for (;;) {
    await client.wait(hostileName, { timeoutMs: recoveryMs })
    const call = { target: hostileName, command: 'print-arguments', args: ['recovered'] }
    const { kind, stdout } = await client.run(call, { timeoutMs: callMs })
    if (kind === 'exited' || late.aborted) return stdout.toString()
    await pass(1000)
  }
}

/** Waits until a process holds no more than it did. @returns what it holds in the end */
async function settledHoldings(processId: number, before: Holdings): Promise<Holdings> {
  const late = AbortSignal.timeout(settleMaxMs)
  for (;;) {
    const holdings = await holdingsOf(processId)
    const isSettled = holdings.descriptors <= before.descriptors && holdings.children <= before.children
    if (isSettled || late.aborted) return holdings
    await pass(500)
  }
}

async function auditLinesOf({ root }: Stage['host']): Promise<readonly string[]> {
  const text = await readFile(join(root, 'var/log/negotiator/host-audit.log'), 'utf8')
  return text.split('\n').slice(0, -1)
}

async function residentNow(watch: DaemonWatch): Promise<number> {
  while (watch.residentMib.length === 0) await pass(10)
  return watch.residentMibMax
}

/** Waits until the hostile guest has done what it shall do. The host calls it, too, and takes what comes. */
async function endure({ client, hostile }: Stage, { hostileMs }: HostileOptions): Promise<void> {
  const over = new AbortController()
  const calling = callWhatever(client, over.signal)
  try {
    const played = hostile.log.waitFor(allPlayed, { signal: AbortSignal.timeout(playTimeoutMs) })
    await Promise.all([played, pass(hostileMs)])
  } finally {
    over.abort()
    await calling
  }
}

async function callWhatever(client: Stage['client'], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await client
      .run({ target: hostileName, command: 'hello' }, { timeoutMs: 500, signal })
      .catch(() => undefined)
    await pass(200)
  }
}

async function tell({ host }: Stage): Promise<{ readonly status: string; readonly guests: string }> {
  const [status, guests] = [await host.cli(['status', '--json']), await host.cli(['guests'])]
  return { status: status.stdout, guests: guests.stdout }
}
