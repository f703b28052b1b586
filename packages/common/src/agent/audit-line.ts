/**
 * An audit record as one line of JSON, safe to show on any terminal.
 * Floor 7. Pure. docs/audit.md lists the fields; their order is fixed.
 */
import { safeJson } from '../safe-json.js'
import type { AuditEnd, AuditRecord } from '../call/audit.js'
import { auditReasonLengthMax, commandNameLengthMax } from '../limits.js'
import type { Result } from '../wire/result.js'

/** The record as a line, ended by its newline. */
export function auditLine(record: AuditRecord): string {
  const { stages } = record
  const durationMs = stages.decideMs + stages.waitMs + stages.startMs + stages.runMs
  return `${safeJson({
    time: new Date(record.startedMs).toISOString(),
    callId: record.callId,
    direction: record.direction,
    ...endFields('caller', record.caller),
    userId: record.caller.userId,
    processId: record.caller.processId,
    via: record.via,
    ...endFields('target', record.target),
    command: cut(record.command, commandNameLengthMax),
    args: record.args,
    argsHash: record.argsHash,
    rule: record.rule,
    ...resultFields(record.result),
    count: record.count,
    durationMs: rounded(durationMs),
    waitMs: rounded(stages.waitMs),
    decideMs: rounded(stages.decideMs),
    startMs: rounded(stages.startMs),
    runMs: rounded(stages.runMs),
    stdinBytes: record.stdinBytes,
    stdoutBytes: record.stdoutBytes,
    stderrBytes: record.stderrBytes,
  })}\n`
}

function endFields(
  what: 'caller' | 'target',
  { name, uuid }: AuditEnd,
): Readonly<Record<string, string | undefined>> {
  return { [what]: name, [`${what}Uuid`]: uuid }
}

function resultFields(result: Result): Readonly<Record<string, string | number>> {
  switch (result.kind) {
    case 'exited':
      return { result: result.kind, code: result.code }
    case 'signalled':
      return { result: result.kind, signal: result.signal }
    default:
      return { result: result.kind, reason: cut(result.reason, auditReasonLengthMax) }
  }
}

/** What the other side says may have any length. */
function cut(text: string, lengthMax: number): string {
  return text.length > lengthMax ? `${text.slice(0, lengthMax)}...` : text
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
