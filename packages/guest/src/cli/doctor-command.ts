/**
 * The subcommand `doctor`.
 */
import { doctorOptions, reportOf, systemClock, tellFindings } from '@negotiator/common/program'
import type { MakeSubcommand, ProgramContext } from '@negotiator/common'

type Subcommand = ReturnType<MakeSubcommand>

/** `doctor` */
export function doctorCommand(context: ProgramContext): Subcommand {
  const text = { summary: 'find out why a call fails, and what mends it', example: 'doctor' }
  return doctorOptions(context.subcommand('doctor', text)).action(async (_options, command: Subcommand) => {
    const { examineGuest } = await import('../doctor/doctor.js')
    await tellFindings(context, {
      command,
      examine: async (source) =>
        reportOf(await examineGuest({ source, clock: systemClock, nowMs: Date.now() })),
    })
  })
}
