/**
 * The promises, and what of a ledger breaks them. Pure.
 *
 * Every promise is about requests that reach a machine that runs. What has reached one that then stood still is found when it
 * goes on, and no protocol can take it back: see docs/reliability.md. Such calls are told apart, and may never run twice either.
 */
import { percentile } from '../bench/statistics.js'
import { History, slackMs } from './history.js'
import type { Excuse } from './history.js'
import type { Execution, Ledger, MadeCall } from './ledger.js'

/** One promise, judged. */
export interface Check {
  readonly title: string
  /** What was looked at, for people. */
  readonly figures: string
  /** What broke it, with why. */
  readonly broken: readonly string[]
}

/** Judges a soak that is over. */
export function judge(ledger: Ledger): readonly Check[] {
  const history = new History(ledger)
  return [
    check('each call has exactly one result', ledger.calls, (call) => oneResult(history, call)),
    check('each call was executed once at most', ledger.calls, (call) => onceAtMost(history, call)),
    check('each call was executed if it is told so, and not if not', ledger.calls, (call) =>
      asTold(history, call),
    ),
    check('each call was not executed after its deadline', ledger.calls, (call) => inTime(history, call)),
    check('each call was not executed after its result', ledger.calls, (call) => beforeResult(history, call)),
    check('each call was not executed in a later session', ledger.calls, (call) => inSession(history, call)),
    check('what was executed had been called', ledger.executions, ({ id }) =>
      history.isMade(id) ? undefined : 'nobody made it',
    ),
    recovered(ledger),
  ]
}

function recovered({ recoveries }: Ledger): Check {
  const tookMs = recoveries.flatMap((recovery) => recovery.tookMs ?? [])
  const [median, most] = [0.5, 1].map((share) => `${(percentile(tookMs, share) / 1000).toFixed(1)} s`)
  const broken = recoveries
    .filter((recovery) => recovery.tookMs === undefined)
    .map(({ after }) => `never after ${after}`)
  if (recoveries.length === 0) broken.push('there was none')
  return {
    title: 'calls succeed again after each event',
    figures: `${recoveries.length} looked at, after ${median} at the median, ${most} at most`,
    broken,
  }
}

type Fault = string | Excuse | undefined

function check<Item extends MadeCall | Execution>(
  title: string,
  items: readonly Item[],
  faultOf: (item: Item) => Fault,
): Check {
  const broken: string[] = []
  let excused = 0
  for (const item of items) {
    const fault = faultOf(item)
    if (typeof fault === 'string') broken.push(`${item.id}: ${fault}`)
    else if (fault !== undefined) excused += 1
  }
  if (items.length === 0) broken.push('there was none')
  return { title, figures: `${items.length} looked at, ${broken.length} broken, ${excused} excused`, broken }
}

function oneResult(history: History, call: MadeCall): Fault {
  const { length } = history.results(call)
  if (length === 1) return undefined
  if (length > 1) return `it has ${length} results`
  return history.callerEnded(call) ? { excuse: 'its caller went with its machine' } : 'it has no result'
}

/** A restored machine is in its own past: what was in it when the snapshot was taken may run there, too. */
function onceAtMost(history: History, call: MadeCall): Fault {
  const executions = history.executions(call)
  if (executions.length <= 1) return undefined
  const timelines = new Set(executions.map(({ timeline }) => timeline))
  const fault = `it was executed ${executions.length} times: ${timesOf(call, executions)}`
  return timelines.size === executions.length && history.wasInSnapshot(call) ? { excuse: 'set back' } : fault
}

function asTold(history: History, call: MadeCall): Fault {
  const executions = history.executions(call)
  for (const { text } of history.results(call)) {
    if (text.startsWith('exited') && executions.length === 0)
      return `its result is "${text}", and it was never executed`
    if (!mayHaveRun(text) && executions.length > 0) return `its result is "${text}", and it was executed`
  }
  return undefined
}

/** @see FailureKind */
function mayHaveRun(text: string): boolean {
  return !['unreachable', 'denied', 'unknown-command', 'busy', 'failed-to-start'].includes(text)
}

function inTime(history: History, call: MadeCall): Fault {
  const late = history.executions(call).filter(({ atMs }) => atMs > call.atMs + call.timeoutMs + slackMs)
  if (late.length === 0) return undefined
  return history.excuse(call, late) ?? `its deadline was ${call.timeoutMs} ms: ${timesOf(call, late)}`
}

/** A caller that has been told that its call is over may make another. */
function beforeResult(history: History, call: MadeCall): Fault {
  const [result] = history.results(call)
  if (result === undefined) return undefined
  const late = history.executions(call).filter(({ atMs }) => atMs > result.atMs + slackMs)
  if (late.length === 0) return undefined
  const told = `its result was "${result.text}" ${result.atMs - call.atMs} ms after it was made`
  return history.excuse(call, late) ?? `${told}: ${timesOf(call, late)}`
}

function inSession(history: History, call: MadeCall): Fault {
  const executions = history.executions(call)
  const late = executions.filter(
    (execution) => !history.isOrphan(execution) && history.isLaterDaemon(call, execution),
  )
  if (late.length > 0) return `a daemon that was started after it executed it: ${timesOf(call, late)}`
  const isOrphaned = executions.some((execution) => history.isOrphan(execution))
  return isOrphaned ? { excuse: 'its daemon was killed before its command could name it' } : undefined
}

function timesOf(call: MadeCall, executions: readonly Execution[]): string {
  const made = new Date(call.atMs).toISOString()
  const executed = executions.map(
    ({ atMs, timeline, daemon }) => `${atMs - call.atMs} ms later by ${daemon} in timeline ${timeline}`,
  )
  return `made at ${made}, executed ${executed.join(' and ')}`
}
