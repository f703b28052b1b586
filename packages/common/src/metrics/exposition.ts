/**
 * The metrics as the text that Prometheus reads, made with prom-client, which also has the metrics of the process.
 * Floor 8. Loaded only where metrics are wanted.
 */
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Side } from '../agent/paths.js'
import { daemonMetrics, driverMetrics } from './daemon-metrics.js'
import type { MetricDescription, MetricsFacts, Snapshot } from './metric.js'
import { peerMetrics } from './peer-metrics.js'
import { snapshotOf } from './snapshot.js'

/** How often prom-client looks how late the event loop is; its own 10 ms would wake an idle daemon a hundred times a second. */
const eventLoopLookMs = 1_000

/** An answer to whoever scrapes. */
export interface Exposition {
  readonly contentType: string
  readonly text: () => Promise<string>
}

/** Makes it; the values are read anew for each text. */
export function expositionOf(facts: MetricsFacts): Exposition {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: eventLoopLookMs })
  let snapshot = snapshotOf(facts)
  for (const description of metricsOf(facts.side))
    registry.registerMetric(new ReadMetric(description, () => snapshot))
  const text = async (): Promise<string> => {
    snapshot = snapshotOf(facts)
    return await registry.metrics()
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
