/**
 * The machine as commands see it. All that they know of it comes through here, so a test can give them another one.
 */
import type { NetworkInterfaceInfo } from 'node:os'

/** A machine. */
export interface Machine {
  /** What stands before every path: nothing on a real one. */
  readonly root: string
  /** Runs a tool to its end, found by its name. */
  readonly run: RunTool
  readonly now: () => Date
  /** Resolves after so many milliseconds. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>
  /** As uname(2) names it, such as `x86_64`. */
  readonly architecture: string
  readonly networkInterfaces: () => NodeJS.Dict<NetworkInterfaceInfo[]>
  readonly statFileSystem: (path: string) => Promise<FileSystemCounts>
}

/** See statfs(2). */
export interface FileSystemCounts {
  readonly bsize: number
  readonly blocks: number
  readonly bfree: number
  readonly bavail: number
}

/** @returns how it ended, or `undefined` when there is no such tool */
export type RunTool = (
  file: string,
  args: readonly string[],
  options: RunOptions,
) => Promise<ToolResult | undefined>

export interface RunOptions {
  /** Its standard input; empty unless told. */
  readonly input?: string | Uint8Array
  /** Variables beside those that every tool gets, such as `TZ`. */
  readonly environment?: Readonly<Record<string, string>>
  /** Ends it. */
  readonly signal: AbortSignal
  /** It is ended after so long; 10 seconds unless told. */
  readonly timeoutMs?: number
}

/** How a tool ended. */
export interface ToolResult {
  /** Its exit status; `undefined` when a signal ended it. */
  readonly exitCode: number | undefined
  readonly stdout: string
  readonly stderr: string
}
