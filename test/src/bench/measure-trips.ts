/**
 * Round trips: of the floor, between the daemons, and of a program; in batches that take turns, for the machine is never
 * equally fast for long.
 */
import type { RoundFigures, Sizes } from './figures.js'
import { guestName } from './stage.js'
import type { Stage } from './stage.js'
import { percentile } from './statistics.js'

type TripFigures = Pick<
  RoundFigures,
  | `rawEcho${'P50' | 'P95' | 'P99'}`
  | `ping${'P50' | 'P95' | 'P99'}`
  | `clientPing${'P50' | 'P95' | 'P99'}`
  | 'cliPingP50'
>

/** Measures them in a machine that has nothing else to do. */
export async function measureTrips({ raw, client, host }: Stage, sizes: Sizes): Promise<TripFigures> {
  const echoes: number[] = []
  const pings: number[] = []
  const clientPings: number[] = []
  for (let batch = 0; batch < sizes.tripBatches; batch += 1) {
    echoes.push(...(await raw.roundTrips(sizes.tripsPerBatch)))
    for (let trip = 0; trip < sizes.tripsPerBatch; trip += 1) {
      const startedMs = performance.now()
      pings.push(await client.ping(guestName))
      clientPings.push(performance.now() - startedMs)
    }
  }
  const cliPings = await timesOf(sizes.cliRuns, async () => (await host.cli(['ping', guestName])).status)
  return {
    rawEchoP50: percentile(echoes, 0.5),
    rawEchoP95: percentile(echoes, 0.95),
    rawEchoP99: percentile(echoes, 0.99),
    pingP50: percentile(pings, 0.5),
    pingP95: percentile(pings, 0.95),
    pingP99: percentile(pings, 0.99),
    clientPingP50: percentile(clientPings, 0.5),
    clientPingP95: percentile(clientPings, 0.95),
    clientPingP99: percentile(clientPings, 0.99),
    cliPingP50: percentile(cliPings, 0.5),
  }
}

/** @returns milliseconds of each of so many; `work` gives an exit status, and one other than 0 throws */
export async function timesOf(count: number, work: () => Promise<number>): Promise<readonly number[]> {
  const times: number[] = []
  for (let turn = 0; turn < count; turn += 1) {
    const startedMs = performance.now()
    const status = await work()
    times.push(performance.now() - startedMs)
    if (status !== 0) throw new Error(`Cannot measure a program: it ended with status ${status}`)
  }
  return times
}
