/**
 * The metrics of the daemon as a whole: its calls, its policy, its audit log, its drivers.
 * Floor 8. A command's name is never a label: whoever calls could make up as many as he likes.
 */
import { stepBoundsMs } from '../call/time-histogram.js'
import type { TimeHistogram } from '../call/time-histogram.js'
import { version } from '../version.js'
import type { MetricDescription, Sample, Snapshot } from './metric.js'

/** A metric with one value. */
function single(
  text: Pick<MetricDescription, 'name' | 'help' | 'type'>,
  value: (snapshot: Snapshot) => number,
): MetricDescription {
  return { ...text, labels: [], read: (snapshot) => [{ labels: {}, value: value(snapshot) }] }
}

const build: MetricDescription = {
  name: 'negotiator_build_info',
  help: 'Which daemon this is, as labels; the value is always 1.',
  type: 'gauge',
  labels: ['side', 'version'],
  read: ({ side }) => [{ labels: { side, version }, value: 1 }],
}

const calls: MetricDescription = {
  name: 'negotiator_calls_total',
  help: 'Calls that ended: in (run here), out (of local programs) or relay (from one guest to another), by their result.',
  type: 'counter',
  labels: ['direction', 'result'],
  read: ({ tally }) =>
    tally.tallied.map(({ direction, result, count }) => ({ labels: { direction, result }, value: count })),
}

const durations: MetricDescription = {
  name: 'negotiator_call_duration_seconds',
  help: 'How long each stage of a call took: wait, decide, start, run, and all of it.',
  type: 'histogram',
  labels: ['stage', 'le'],
  read: ({ tally }) => Object.entries(tally.times).flatMap(([stage, times]) => stepsOf(stage, times)),
}

function stepsOf(stage: string, { cumulative, sumMs }: TimeHistogram): readonly Sample[] {
  const steps = cumulative.map((value, index) => {
    const boundMs = stepBoundsMs[index]
    const le = boundMs === undefined ? '+Inf' : String(boundMs / 1000)
    return { labels: { stage, le }, suffix: '_bucket', value }
  })
  return [
    ...steps,
    { labels: { stage }, suffix: '_sum', value: sumMs / 1000 },
    { labels: { stage }, suffix: '_count', value: cumulative.at(-1) ?? 0 },
  ]
}

/** All of them, for both sides. */
export const daemonMetrics: readonly MetricDescription[] = [
  build,
  calls,
  durations,
  single(
    { name: 'negotiator_policy_rules', help: 'Rules of the policy in force.', type: 'gauge' },
    ({ policy }) => policy().ruleCount,
  ),
  single(
    {
      name: 'negotiator_policy_problems',
      help: 'Faults in the files of the policy; with any of them the last good policy is in force, or all is denied.',
      type: 'gauge',
    },
    ({ policy }) => policy().problems.length,
  ),
  single(
    { name: 'negotiator_audit_records_total', help: 'Lines that the audit log has taken.', type: 'counter' },
    ({ audit }) => audit().written,
  ),
  single(
    {
      name: 'negotiator_audit_records_lost_total',
      help: 'Calls that the audit log could not take down.',
      type: 'counter',
    },
    ({ audit }) => audit().lost,
  ),
]

/** A host's, beside the others. */
export const driverMetrics: readonly MetricDescription[] = [
  {
    name: 'negotiator_driver_up',
    help: '1 when a driver can look for guests, else 0.',
    type: 'gauge',
    labels: ['driver'],
    read: ({ drivers }) =>
      (drivers?.() ?? []).map(({ name, problem }) => ({
        labels: { driver: name },
        value: Number(problem === undefined),
      })),
  },
  {
    name: 'negotiator_driver_guests',
    help: 'Guests that each driver finds.',
    type: 'gauge',
    labels: ['driver'],
    read: ({ drivers }) =>
      (drivers?.() ?? []).map(({ name, guests }) => ({ labels: { driver: name }, value: guests })),
  },
]
