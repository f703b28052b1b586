/**
 * What `doctor` of both programs shares: its options, how it tells its findings, its exit status.
 * Floor 8. What is examined each program knows by itself.
 */
import type { Command } from 'commander'
import type { ConfigSource } from '../../agent/config.js'
import type { ProgramContext } from '../program-context.js'
import { globalOptionsOf } from '../options.js'

/** Findings, ready to be told. */
export interface DoctorReport {
  readonly text: string
  readonly json: string
  readonly exitCode: number
}

interface DoctorRun {
  readonly command: Command
  readonly examine: (source: ConfigSource) => Promise<DoctorReport>
}

/** Adds the options, and what help tells of the exit status. */
export function doctorOptions(command: Command): Command {
  return command
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExit status: 0 all is well, notes or not; 1 there are warnings; 2 there are errors; 125 wrong usage.',
    )
}

/** Examines, prints and sets the exit status. The configuration is read by the examination: a bad one is a finding, too. */
export async function tellFindings(context: ProgramContext, { command, examine }: DoctorRun): Promise<void> {
  const { root = '/', config: file } = globalOptionsOf(command)
  const { json } = command.opts<{ readonly json?: boolean }>()
  const report = await examine({ side: context.options.side, root, file })
  context.print(json === true ? report.json : report.text)
  context.exitCode = report.exitCode
}
