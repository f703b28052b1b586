/**
 * Audit records for tests.
 * Floor 7, for tests.
 */
import type { AuditRecord } from '../call/audit.js'

/** A record of a call that went well, but for what is given. */
export function testRecord(given: Partial<AuditRecord> = {}): AuditRecord {
  return {
    callId: '6d1f0c7e',
    direction: 'in',
    caller: { name: 'web1', uuid: 'aaaa' },
    target: { name: 'host' },
    command: 'hello',
    argsHash: 'c0ffee',
    rule: '90-default.policy:3',
    result: { kind: 'exited', code: 0 },
    startedMs: 1_700_000_000_000,
    stages: { decideMs: 0.25, waitMs: 0, startMs: 2, runMs: 10.5 },
    stdinBytes: 0,
    stdoutBytes: 12,
    stderrBytes: 0,
    ...given,
  }
}
