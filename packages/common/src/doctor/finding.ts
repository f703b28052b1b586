/**
 * What the doctor tells: findings, each about one thing.
 * Floor 8. Pure.
 */

/** How much it matters. `note` is worth knowing, with `warning` some calls will fail, with `error` none can succeed. */
export type Severity = 'ok' | 'note' | 'warning' | 'error'

/** Something that is as it should be. */
export interface Healthy {
  readonly severity: 'ok'
  /** The guest that it is about; this machine, when absent. */
  readonly guest?: string | undefined
  /** What was found, as a sentence without a full stop. */
  readonly found: string
}

/** Something that is not. */
export interface Fault {
  readonly severity: 'note' | 'warning' | 'error'
  /** For programs: what kind of fault it is, the same for ever, e.g. `port-held`. */
  readonly code: string
  /** The guest that it is about; this machine, when absent. */
  readonly guest?: string | undefined
  /** What was found, as a sentence without a full stop. */
  readonly found: string
  /** What comes of it. */
  readonly why: string
  /** What to type, or to write, or to do; lines. */
  readonly mend: string
}

export type Finding = Healthy | Fault

const order: readonly Severity[] = ['ok', 'note', 'warning', 'error']

/** The gravest of all; `ok` when there is none. */
export function gravest(findings: readonly Finding[]): Severity {
  return order.findLast((severity) => findings.some((finding) => finding.severity === severity)) ?? 'ok'
}

/** How many there are of each. */
export function countBySeverity(findings: readonly Finding[]): Readonly<Record<Severity, number>> {
  const count = (severity: Severity): number =>
    findings.filter((finding) => finding.severity === severity).length
  return { error: count('error'), warning: count('warning'), note: count('note'), ok: count('ok') }
}
