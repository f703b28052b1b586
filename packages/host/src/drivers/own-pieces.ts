/**
 * The five verbs of any driver, done to the pieces that it declares.
 * What was there before, and what somebody has changed since, is left as it is and told; no folder goes that holds anything.
 */
import { sentenceOf, SystemError, systemCodeOf } from '@negotiator/common'
import { bringPiece } from './bring-piece.js'
import { OwnedRecord } from './owned-record.js'
import type { Piece } from './piece.js'
import { takePieces } from './take-pieces.js'
import { verbs } from './verbs.js'
import type { DriverVerbs, Step, Verb, VerbOptions, VerbReport } from './verbs.js'

interface OwnPieces {
  /** As the configuration writes it. */
  readonly driver: string
  readonly pieces: readonly Piece[]
  /** The daemon's folder for what outlives a reboot. */
  readonly stateFolder: string
}

/** Makes the verbs. */
export function ownPieces(own: OwnPieces): DriverVerbs {
  const all = verbs.map((verb) => [verb, async (options: VerbOptions) => await perform(own, verb, options)])
  return Object.fromEntries(all) as DriverVerbs
}

async function perform(own: OwnPieces, verb: Verb, { isDryRun }: VerbOptions): Promise<VerbReport> {
  const { driver, pieces, stateFolder } = own
  const record = new OwnedRecord(driver, stateFolder)
  await record.load()
  const steps: Step[] = []
  try {
    if (verb === 'stop' || verb === 'cleanup') {
      const isMeant = ({ madeBy }: { madeBy: string }): boolean => verb === 'cleanup' || madeBy === 'start'
      steps.push(...(await takePieces({ pieces: pieces.filter(isMeant), isMeant, record, isDryRun })))
    } else {
      for (const piece of pieces.filter(({ madeBy }) => madeBy === verb)) {
        const brought = await bringPiece({ piece, record, isDryRun })
        // A dry run makes no folder that the next piece would find there.
        steps.push(...brought.filter(({ path }) => !steps.some((step) => step.path === path)))
      }
    }
  } catch (cause) {
    throw failure({ driver, verb, cause })
  }
  const isDone = verb === 'stop' || verb === 'cleanup' || steps.every(({ outcome }) => outcome !== 'left')
  return { driver, verb, isDryRun, owns: pieces.map(withoutContent), steps, isDone }
}

function withoutContent({ kind, path, madeBy, purpose }: Piece): VerbReport['owns'][number] {
  return { kind, path, madeBy, purpose }
}

function failure({ driver, verb, cause }: { driver: string; verb: Verb; cause: unknown }): SystemError {
  const advice = ['EACCES', 'EPERM'].includes(systemCodeOf(cause) ?? '') ? '; do it as root' : ''
  return new SystemError(`Cannot ${verb} the driver "${driver}": ${sentenceOf(cause)}${advice}`, {
    code: 'driver-verb-failed',
    cause,
  })
}
