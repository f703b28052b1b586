/**
 * The settings of one command, as its `NAME.toml` gives them.
 * Floor 4. commands/README.md says what each means.
 */

/** Each is optional in the file; what has no default here is absent. */
export interface CommandSettings {
  /** One line, shown by `commands`. */
  readonly summary?: string | undefined
  /** What stands behind the name, such as `DEVICE SIZE`; shown by `commands`. */
  readonly usage?: string | undefined
  /** One pattern for each argument; without them any arguments are taken. */
  readonly args?: ArgumentPatterns | undefined
  /** The user that it runs as, a name or a number; the daemon's own unless told. */
  readonly user?: string | undefined
  /** Its primary group; the user's own unless told. */
  readonly group?: string | undefined
  /** Its supplementary groups; the user's own unless told. */
  readonly groups?: readonly string[] | undefined
  /** The folder that it starts in. */
  readonly folder?: string | undefined
  /** Variables beside the fixed ones. */
  readonly environment?: Readonly<Record<string, string>> | undefined
  /** Whether it takes standard input; `true` unless told. A call that sends some is refused then. */
  readonly hasStdin?: boolean | undefined
  readonly timeoutMs?: number | undefined
  /** Calls of it at once; the others wait, or are answered `busy`. */
  readonly concurrentMax?: number | undefined
  readonly whenFull?: 'wait' | 'busy' | undefined
  /** Bytes of both outputs together; beyond it the command is ended. */
  readonly outputBytesMax?: number | undefined
  /** -20 to 19. */
  readonly nice?: number | undefined
  readonly memoryBytesMax?: number | undefined
  /** Seconds of processor time. */
  readonly cpuSecondsMax?: number | undefined
  /** The worker that a module shares with the others of its folder that name the same. */
  readonly worker?: string | undefined
  /** Positions of arguments that no log shows, from 1 on. */
  readonly secretArgs?: readonly number[] | undefined
}

/** Which arguments a command takes. */
export interface ArgumentPatterns {
  /** Regular expressions that match a whole argument, in their order. */
  readonly patterns: readonly string[]
  /** Whether the last pattern stands for any number of arguments, none included. */
  readonly isLastRepeated: boolean
}
