/**
 * The metrics as the text that Prometheus reads, made with prom-client, which also has the metrics of the process.
 * Floor 8. Loaded only where metrics are wanted.
 */
import { setImmediate } from 'node:timers/promises'
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Side } from '../agent/paths.js'
import { daemonMetrics, driverMetrics } from './daemon-metrics.js'
import type { MetricDescription, MetricsFacts, Snapshot } from './metric.js'
import { peerMetrics } from './peer-metrics.js'
import { snapshotOf } from './snapshot.js'

/**
 * prom-client also tells how the lateness of the event loop is spread. It finds out by a timer that would wake an idle daemon
 * a hundred times a second, and its figures contain the timer's own interval. So the timer hardly ever fires, and they are
 * left out; how late the loop was at the last scrape is told all the same.
 */
const eventLoopLookMs = 86_400_000
const spreadOfLateness = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'] as const

/** An answer to whoever scrapes. */
export interface Exposition {
  readonly contentType: string
  readonly text: () => Promise<string>
}

/** Makes it; the values are read anew for each text. */
export function expositionOf(facts: MetricsFacts): Exposition {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: eventLoopLookMs })
  for (const figure of spreadOfLateness) registry.removeSingleMetric(`nodejs_eventloop_lag_${figure}_seconds`)
  let snapshot = snapshotOf(facts)
  for (const description of metricsOf(facts.side))
    registry.registerMetric(new ReadMetric(description, () => snapshot))
  const text = async (): Promise<string> => {
    snapshot = snapshotOf(facts)
    const parts: string[] = []
    for (const { name } of registry.getMetricsAsArray()) {
      parts.push(await registry.getSingleMetricAsString(name))
      // The text of a thousand guests takes a while, and their calls shall not wait for all of it.
      await setImmediate()
    }
    return `${parts.join('\n\n')}\n`
  }
  return { contentType: registry.contentType, text }
}

function metricsOf(side: Side): readonly MetricDescription[] {
  return [...daemonMetrics, ...(side === 'host' ? driverMetrics : []), ...peerMetrics]
}

type Read = Awaited<ReturnType<Gauge['get']>>

/** A metric that is read and not set; prom-client's own all count for themselves. */
class ReadMetric extends Gauge {
  readonly #description: MetricDescription
  readonly #snapshot: () => Snapshot

  constructor(description: MetricDescription, snapshot: () => Snapshot) {
    const { name, help, labels } = description
    super({ name, help, labelNames: labels, registers: [] })
    this.#description = description
    this.#snapshot = snapshot
  }

  override async get(): Promise<Read> {
    const { name, help, type, read } = this.#description
    const values = read(this.#snapshot()).map(({ labels, value, suffix = '' }) => ({
      labels,
      value,
      metricName: `${name}${suffix}`,
    }))
    // prom-client's types have numbers for `type`; its code has the words, and writes them down.
    const metric: unknown = { name, help, type, values, aggregator: 'sum' }
    return await Promise.resolve(metric as Read)
  }
}
