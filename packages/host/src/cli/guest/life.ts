/**
 * `guest start`, `stop`, `suspend`, `resume` and `host-shutdown`: what the daemon does with the machines of managed guests.
 */
import { formatDuration, json, table } from '@negotiator/common'
import type { MachineAction, MachineRequest } from '@negotiator/common'
import type { GuestReport } from '../../managed/life/report.js'
import { tell } from './act.js'
import type { ActOnGuests, GuestAction } from './act.js'

/** @returns what a member does that has `action` done by the daemon, with a guest or with all */
export function haveDone(action: MachineAction): ActOnGuests {
  return async (member) => {
    const { context, command, args, options } = member
    const [target] = args
    const request: Omit<MachineRequest, 'ask'> = {
      action,
      target,
      mode: options.mode,
      timeoutMs: options.timeout,
    }
    await context.withDaemon(command, async (client) => {
      for await (const report of client.machine(request)) show(member, report as unknown as GuestReport)
    })
  }
}

function show({ context, options }: GuestAction, report: GuestReport): void {
  const { guest, outcome, reason, steps = [] } = report
  if (outcome === 'failed') context.exitCode = 1
  if (options.json === true) return context.print(json(report))
  const because = reason === undefined ? '' : `: ${reason}`
  if (outcome === 'failed') tell(context, reason ?? `Something was wrong with "${guest.name}"`)
  else context.print(`${guest.name} is ${outcome}${because}\n`)
  if (steps.length > 0)
    context.print(
      table(
        steps.map((step) => [
          `  ${step.step}`,
          step.outcome,
          formatDuration(step.durationMs),
          step.reason ?? '',
        ]),
      ),
    )
}
