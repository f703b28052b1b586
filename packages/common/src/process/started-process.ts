/**
 * The contract of starting a process: one that Node forks, or one that the C library spawns.
 * Floor 4. In a session and process group of its own, without a terminal; no descriptor but the three standard ones is passed on.
 */
import type { Readable, Writable } from 'node:stream'
import type { Result } from '../wire/result.js'

/** What to start. */
export interface ProcessStart {
  /** Path of the program, and the arguments behind it. */
  readonly words: readonly [program: string, ...args: readonly string[]]
  /** The whole environment. */
  readonly environment: Readonly<Record<string, string>>
  readonly folder: string
  /** Without it the process reads an empty standard input. */
  readonly hasStdin: boolean
  /** Whom the kernel makes it; the daemon's own user and group unless told. */
  readonly ids?: { readonly uid?: number; readonly gid?: number } | undefined
}

/** A process that was started. */
export interface StartedProcess {
  readonly id: number
  readonly stdin: Writable | undefined
  readonly stdout: Readable
  readonly stderr: Readable
  /** How it ended; never rejects. Its outputs may still be read then. */
  readonly ended: Promise<Result>
}

/** Starts a process. @returns why it could not be started otherwise; never rejects */
export type StartProcess = (start: ProcessStart) => Promise<StartedProcess | Result>
