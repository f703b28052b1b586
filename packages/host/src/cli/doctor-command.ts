/**
 * The subcommand `doctor`.
 */
import { doctorOptions, reportOf, systemClock, tellFindings } from '@negotiator/common/program'
import type { MakeSubcommand, ProgramContext } from '@negotiator/common'

type Subcommand = ReturnType<MakeSubcommand>

/** `doctor` */
export function doctorCommand(context: ProgramContext): Subcommand {
  const text = { summary: 'find out why a call fails, and what mends it', example: 'doctor web1' }
  return doctorOptions(context.subcommand('doctor', text))
    .argument('[guest]', 'its name or uuid; all that run unless given')
    .action(async (guest: string | undefined, _options, command: Subcommand) => {
      const { examineHost } = await import('../doctor/doctor.js')
      await tellFindings(context, {
        command,
        examine: async (source) =>
          reportOf(await examineHost({ source, guest, clock: systemClock, nowMs: Date.now() })),
      })
    })
}
