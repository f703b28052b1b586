/**
 * What the demo asks of its guest.
 */

/** The guest of the demo, whatever it is made of. */
export interface DemoGuest {
  /** Runs `negotiator-guest ARGS...` in it. @returns what it printed */
  run(args: readonly string[]): Promise<string>
  /** Drops a script into its command folder. */
  addCommand(name: string, script: string): Promise<void>
  /** What to type here to run its program, if it can be run from here. */
  readonly prompt?: string
  close(): Promise<void>
}
