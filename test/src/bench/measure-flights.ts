/**
 * Many calls in flight: how long each takes, and how many are answered in a second.
 */
import { levels } from './figures.js'
import type { Flown, RoundFigures, Sizes } from './figures.js'
import { callModule, runScript } from './measure-runs.js'
import type { Stage } from './stage.js'
import { spreadOf } from './statistics.js'

type FlightFigures = Pick<RoundFigures, Extract<keyof RoundFigures, `${Flown}${string}` | 'callsAnswered'>>

const calls = { modules: callModule, scripts: runScript }

/** Measures modules and scripts by turns, from the fewest in flight to the most. */
export async function measureFlights({ client }: Stage, { flights }: Sizes): Promise<FlightFigures> {
  const figures: Record<string, number> = {}
  let callsAnswered = 0
  for (const level of levels) {
    const { inFlight, calls: counts } = flights[level]
    for (const flown of ['modules', 'scripts'] as const) {
      const call = async (number: number): Promise<boolean> => await calls[flown](client, `${number}`)
      const { times, answered, perS } = await fly({ call, inFlight, count: counts[flown] })
      Object.assign(figures, spreadOf(`${flown}${level}`, times), { [`${flown}${level}PerS`]: perS })
      callsAnswered += answered
    }
  }
  // Each name was put together in the loop above.
  return { ...figures, callsAnswered } as FlightFigures
}

interface Flight {
  readonly call: (number: number) => Promise<boolean>
  readonly inFlight: number
  readonly count: number
}

interface FlightTimes {
  /** Milliseconds of each call. */
  readonly times: readonly number[]
  readonly answered: number
  readonly perS: number
}

/** Makes so many calls; whenever one is answered the next begins. */
export async function fly({ call, inFlight, count }: Flight): Promise<FlightTimes> {
  const times: number[] = []
  let begun = 0
  let answered = 0
  const startedMs = performance.now()
  const keepCalling = async (): Promise<void> => {
    while (begun < count) {
      const calledMs = performance.now()
      begun += 1
      if (await call(begun)) answered += 1
      times.push(performance.now() - calledMs)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, keepCalling))
  return { times, answered, perS: (count / (performance.now() - startedMs)) * 1000 }
}
