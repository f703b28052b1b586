/**
 * What hooks of a phase are run about: what each of them is told.
 * Floor 5.
 */
import { randomUUID } from 'node:crypto'
import { UsageError } from '../errors.js'
import { hookSubjectBytesMax } from './limits.js'
import { safeJson } from '../safe-json.js'
import type { PhaseRequest, Subject } from './outcome.js'
import type { HookSide, Phase } from './phase.js'

/** One run of a phase. */
export interface HookOccasion {
  readonly side: HookSide
  readonly phase: Phase
  readonly run: string
  readonly subject: Subject
  /** What each hook reads on its standard input. */
  readonly document: string
  readonly signal: AbortSignal
}

/** @throws {UsageError} `bad-subject` for one that is too long */
export function occasionOf(
  phase: Phase,
  { request, side }: { readonly request: PhaseRequest; readonly side: HookSide },
): HookOccasion {
  const { subject = {}, signal = new AbortController().signal } = request
  const run = randomUUID()
  const document = `${safeJson({ phase: phase.name, mode: phase.mode, side, run, subject })}\n`
  if (Buffer.byteLength(document) > hookSubjectBytesMax)
    throw new UsageError(
      `Cannot run the hooks of "${phase.name}": what they shall be told has more than ${hookSubjectBytesMax} bytes; tell them less`,
      { code: 'bad-subject' },
    )
  return { side, phase, run, subject, document, signal }
}
