/**
 * One record for each call, whoever made it and whatever became of it.
 * Floor 5. Contracts only; the daemon's audit log takes them (agent/audit-log.ts).
 */
import type { Result } from '../wire/result.js'

/** One end of a call, as this side knows it. */
export interface AuditEnd {
  /** `host`, a guest's name, or `user:NAME` for a local program. */
  readonly name: string
  readonly uuid?: string | undefined
  /** Of a local program. */
  readonly userId?: number | undefined
  readonly processId?: number | undefined
}

/** What the audit log tells of a call. */
export interface AuditRecord {
  readonly callId: string
  /** `in`: the command is run here · `out`: a local program calls another side · `relay`: from one guest to another. */
  readonly direction: 'in' | 'out' | 'relay'
  readonly caller: AuditEnd
  /** The dialect that the call came through, or left by; absent: our own protocol. */
  readonly via?: string | undefined
  readonly target: AuditEnd
  readonly command: string
  /** The arguments where the rule asks for `audit=full`; those that the command's settings call secret are `***`. */
  readonly args?: readonly string[] | undefined
  /** SHA-256 of the arguments as JSON, unless the rule asks for `audit=none`. */
  readonly argsHash?: string | undefined
  /** Which rule decided, as `FILE:LINE`; absent when none matched. */
  readonly rule?: string | undefined
  readonly result: Result
  /** When the call came, in milliseconds since 1970. */
  readonly startedMs: number
  /** How long each stage took, in milliseconds. */
  readonly stages: {
    /** In line: for its turn, and for room. */
    readonly waitMs: number
    /** Policy, command and its settings. */
    readonly decideMs: number
    /** Until the command was started. */
    readonly startMs: number
    /** Until it had ended. */
    readonly runMs: number
  }
  readonly stdinBytes: number
  readonly stdoutBytes: number
  readonly stderrBytes: number
  /** How many calls, alike in their caller and kind of result, this first of them stands for; absent: itself alone. */
  readonly count?: number | undefined
}

/** Takes the records. */
export interface Audit {
  write(record: AuditRecord): void
}
