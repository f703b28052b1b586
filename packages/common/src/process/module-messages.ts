/**
 * What the daemon and a module's worker say to each other. A call is named by a number of the daemon's.
 * Floor 4. Types only; module-worker-code.ts is the other end.
 */

/** What a module is told about one call. */
export interface ModuleCallFacts {
  readonly args: readonly string[]
  /** The caller's name as this side knows it. */
  readonly caller: string
  /** `host`, `guest` or `program`. */
  readonly callerKind: string
  readonly callerUuid: string | undefined
  readonly command: string
  readonly callId: string
  /** What the command's settings put into its environment. */
  readonly environment: Readonly<Record<string, string>>
}

/** To the worker. */
export type ToModule =
  | {
      readonly kind: 'call'
      readonly id: number
      /** The module's `file:` URL; it is loaded with its first call. */
      readonly url: string
      readonly facts: ModuleCallFacts
      readonly hasStdin: boolean
    }
  | { readonly kind: 'stdin'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: 'stdin-end'; readonly id: number }
  /** The reader has taken so much of an output. */
  | { readonly kind: 'taken'; readonly id: number; readonly output: OutputName; readonly byteCount: number }
  | { readonly kind: 'abort'; readonly id: number }

/** From the worker. */
export type FromModule =
  | { readonly kind: 'loaded'; readonly url: string }
  | { readonly kind: 'not-loaded'; readonly url: string; readonly reason: string; readonly detail: string }
  | { readonly kind: 'output'; readonly id: number; readonly output: OutputName; readonly bytes: Uint8Array }
  /** The function has taken so much of standard input. */
  | { readonly kind: 'taken'; readonly id: number; readonly byteCount: number }
  | { readonly kind: 'ended'; readonly id: number; readonly code: number; readonly isAborted: boolean }
  /** A function threw: for the daemon's log. */
  | { readonly kind: 'threw'; readonly url: string; readonly detail: string }

export type OutputName = 'stdout' | 'stderr'

/** What the worker is given when it starts. */
export interface ModuleWorkerSettings {
  readonly windowBytes: number
  readonly chunkBytes: number
  readonly messageBytes: number
}
