/**
 * Round trips: of the floor, of qemu-ga, between the daemons, and of a program; in batches that take turns, for the machine
 * is never equally fast for long.
 */
import type { RoundFigures, Sizes } from './figures.js'
import { guestName } from './stage.js'
import type { Stage } from './stage.js'
import { spreadOf } from './statistics.js'
import type { Spread } from './statistics.js'
import { timesOf } from './times-of.js'

type TripFigures = Spread<'rawEcho' | 'qemuGaPing' | 'ping' | 'clientPing' | 'cliPing'>

/** Measures them in a machine that has nothing else to do. */
export async function measureTrips(
  { raw, qemuGa, client, host }: Stage,
  sizes: Sizes,
): Promise<Pick<RoundFigures, keyof TripFigures>> {
  const echoes: number[] = []
  const qemuGaPings: number[] = []
  const pings: number[] = []
  const clientPings: number[] = []
  for (let batch = 0; batch < sizes.tripBatches; batch += 1) {
    echoes.push(...(await raw.roundTrips(sizes.tripsPerBatch)))
    qemuGaPings.push(...(await qemuGa.pings(sizes.tripsPerBatch)))
    for (let trip = 0; trip < sizes.tripsPerBatch; trip += 1) {
      const startedMs = performance.now()
      pings.push(await client.ping(guestName))
      clientPings.push(performance.now() - startedMs)
    }
  }
  const cliPings = await timesOf(sizes.cliRuns, async () => (await host.cli(['ping', guestName])).status)
  return {
    ...spreadOf('rawEcho', echoes),
    ...spreadOf('qemuGaPing', qemuGaPings),
    ...spreadOf('ping', pings),
    ...spreadOf('clientPing', clientPings),
    ...spreadOf('cliPing', cliPings),
  }
}
