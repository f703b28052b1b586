/**
 * The program as a test runs it: within its process, with what it prints kept.
 * Floor 8, for tests.
 */
import type { Readable } from 'node:stream'
import type { Side } from '../agent/paths.js'
import type { StartDaemon } from './daemon.js'
import { runProgram } from './program.js'
import type { MakeSubcommand } from './program-context.js'
import { testTerminal } from './test-terminal.js'

interface TestProgramOptions {
  readonly side?: Side
  /** What `--root` is given, unless it is absent. */
  readonly root?: string
  readonly stdin?: Readable
  readonly isInteractive?: boolean
  readonly startDaemon?: StartDaemon
  readonly subcommands?: readonly MakeSubcommand[]
  /** The shipped policy's path; none unless given. */
  readonly shippedPolicy?: string
  /** Hears what is printed when it is. */
  readonly onPrinted?: (text: string) => void
}

/** What a run of the program came to. */
export interface ProgramRun {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the program with some arguments. */
export async function testProgram(
  options: TestProgramOptions,
  ...args: readonly string[]
): Promise<ProgramRun> {
  const { side = 'host', root, stdin, isInteractive = true, subcommands = [] } = options
  const terminal = testTerminal(stdin === undefined ? {} : { stdin })
  const printed = { stdout: '', stderr: '' }
  const output = {
    stdout: (text: string): void => {
      printed.stdout += text
      options.onPrinted?.(text)
    },
    stderr: (text: string): void => void (printed.stderr += text),
  }
  const startDaemon: StartDaemon =
    options.startDaemon ?? (async () => await Promise.reject(new Error('no daemon was wanted')))
  const code = await runProgram(
    {
      side,
      startDaemon,
      terminal,
      output,
      isInteractive,
      subcommands,
      shippedPolicy: async () => await Promise.resolve(options.shippedPolicy),
    },
    root === undefined ? args : ['--root', root, ...args],
  )
  return { code, stdout: printed.stdout + terminal.printed(), stderr: printed.stderr + terminal.complained() }
}
