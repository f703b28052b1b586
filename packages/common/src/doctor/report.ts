/**
 * Findings as text for people and as JSON for programs, and as an exit status.
 * Floor 8. Pure. What comes from a peer may stand in a finding, so control characters are escaped.
 */
import { safeJson } from '../safe-json.js'
import { escapeControl } from '../log.js'
import type { CheckedFinding } from './examine.js'
import { countBySeverity, gravest } from './finding.js'
import type { Severity } from './finding.js'

const exitCodes: Readonly<Record<Severity, number>> = { ok: 0, note: 0, warning: 1, error: 2 }

/** Findings, ready to be told. */
export interface Report {
  readonly text: string
  readonly json: string
  readonly exitCode: number
}

/** Makes all that a program needs to tell findings. */
export function reportOf(findings: readonly CheckedFinding[]): Report {
  return { text: textReport(findings), json: jsonReport(findings), exitCode: exitCodeOfFindings(findings) }
}

/** 0 all is well, notes or not; 1 the gravest is a warning; 2 an error. */
export function exitCodeOfFindings(findings: readonly CheckedFinding[]): number {
  return exitCodes[gravest(findings)]
}

/** `{ severity, counts, findings }`; each finding has its `check`, and all but those that are `ok` a `code`. */
export function jsonReport(findings: readonly CheckedFinding[]): string {
  const report = { severity: gravest(findings), counts: countBySeverity(findings), findings }
  return `${safeJson(report, 2)}\n`
}

/** Faults in full, what is well in a line each; by guest, this machine first; a summary last, where the eye is. */
export function textReport(findings: readonly CheckedFinding[]): string {
  const guests = new Set([undefined, ...findings.map(({ guest }) => guest)])
  const sections = [...guests].map((guest) => {
    const own = findings.filter((finding) => finding.guest === guest)
    const title = guest === undefined ? 'This machine' : `Guest ${quoted(guest)}`
    return own.length === 0 ? '' : `${title}\n\n${own.map(lines).join('')}\n`
  })
  return `${sections.join('')}${summary(findings)}\n`
}

const labelWidth = 'warning'.length + 2
const indent = ' '.repeat(2 + labelWidth)

function lines(finding: CheckedFinding): string {
  const head = `  ${finding.severity.padEnd(labelWidth)}${escapeControl(finding.found)}\n`
  if (finding.severity === 'ok') return head
  const mend = finding.mend.split('\n').map(escapeControl).join(`\n${indent}      `)
  return `${head}${indent}why:  ${escapeControl(finding.why)}\n${indent}mend: ${mend}\n`
}

function summary(findings: readonly CheckedFinding[]): string {
  const counts = countBySeverity(findings)
  const told = (['error', 'warning', 'note'] as const)
    .filter((severity) => counts[severity] > 0)
    .map((severity) => `${counts[severity]} ${severity}${counts[severity] === 1 ? '' : 's'}`)
  return told.length === 0 ? 'All is well.' : `${told.join(', ')}.`
}

function quoted(name: string): string {
  return `"${escapeControl(name)}"`
}
