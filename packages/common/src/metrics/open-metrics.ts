/**
 * Offers the metrics where the configuration asks for it.
 * Floor 8. It never keeps a daemon from starting: calls are more than figures.
 */
import { parseMetricsAddress } from '../agent/metrics-address.js'
import type { Clock } from '../clock.js'
import { sentenceOf } from '../errors.js'
import type { Log } from '../log.js'
import type { MetricsFacts } from './metric.js'

interface OpenMetricsOptions {
  /** As `metrics-listen` has it; empty: no metrics. */
  readonly listen: string
  readonly facts: MetricsFacts
  readonly clock: Clock
  readonly log: Log
}

/** Metrics that are offered, or are not. */
export interface OfferedMetrics {
  /** For the daemon's `status`. */
  status(): { readonly listen: string; readonly problem?: string | undefined }
  close(): Promise<void>
}

/** Never rejects. */
export async function openMetrics({
  listen,
  facts,
  clock,
  log,
}: OpenMetricsOptions): Promise<OfferedMetrics> {
  const address = parseMetricsAddress(listen)
  if (address === undefined) return notOffered({ listen })
  try {
    // Loaded only here, for they bring prom-client.
    const [{ MetricsServer }, { expositionOf }] = await Promise.all([
      import('./metrics-server.js'),
      import('./exposition.js'),
    ])
    const server = await MetricsServer.listen({ address, exposition: expositionOf(facts), clock, log })
    return { status: () => ({ listen }), close: async () => await server.close() }
  } catch (error) {
    const problem = sentenceOf(error)
    log.error('The daemon goes on without metrics', { reason: problem })
    return notOffered({ listen, problem })
  }
}

function notOffered(status: ReturnType<OfferedMetrics['status']>): OfferedMetrics {
  return { status: () => status, close: async () => await Promise.resolve() }
}
