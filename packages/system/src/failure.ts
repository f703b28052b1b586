/**
 * How a system command fails: a sentence for people, and an exit status for programs, as sysexits.h numbers them.
 */

/** The arguments or the input are wrong. */
export const exitUsage = 64
/** Something that it needs is missing on this machine. */
export const exitMissing = 69
/** The machine did not do it. */
export const exitFailed = 1

/** The command's end; whatever else is thrown is a fault of the command's own. */
export class CommandFailure extends Error {
  readonly exitCode: number

  /**
   * @param sentence such as `Cannot tell the load: this machine has no /proc/loadavg; mount /proc`
   * @param exitCode one of the above, or another that commands/README.md leaves to commands
   */
  constructor(sentence: string, exitCode: number) {
    super(sentence)
    this.exitCode = exitCode
  }
}

/** The arguments or the input are wrong. */
export function wrongUsage(sentence: string): CommandFailure {
  return new CommandFailure(sentence, exitUsage)
}

/** Something is missing on this machine. */
export function missing(sentence: string): CommandFailure {
  return new CommandFailure(sentence, exitMissing)
}
