/**
 * `hooks run`: runs the hooks of a phase, or shows what a run would do.
 * Floor 8. It needs no daemon, but to ask a guest; what it runs, it runs as whoever calls it.
 */
import type { Command } from 'commander'
import type { PlannedHook } from '../../hooks/hooks.js'
import { isGood } from '../../hooks/outcome.js'
import type { HookResult, PhaseRequest, PhaseRun } from '../../hooks/outcome.js'
import { phaseNamed, phasesOf } from '../../hooks/phase.js'
import { escapeControl } from '../../log.js'
import { vetoExitCode } from '../exit-code.js'
import { askGuest, questionFor } from '../hooks/ask-guest.js'
import { hooksOf } from '../hooks/hooks-of.js'
import { subjectFrom } from '../hooks/subject.js'
import { json } from '../print.js'
import { lastCommand } from '../program-context.js'
import type { ProgramContext } from '../program-context.js'

interface RunHooksOptions {
  readonly json?: boolean
  readonly dryRun?: boolean
  readonly guest?: string
  readonly inGuest?: boolean
  readonly subject?: string
}

/** `hooks run` */
export function runHooksCommand(context: ProgramContext): Command {
  const text = { summary: 'run the hooks of a phase', example: 'hooks run post-config --dry-run' }
  const names = phasesOf(context.options.side).map(({ name }) => name)
  const command = context
    .subcommand('run', text)
    .argument('<phase>', `one of ${names.join(', ')}`)
    .option('--dry-run', 'run nothing, show what would be run')
    .option('--guest <name>', 'the guest that it is about, or NAME,uuid:UUID')
    .option('--subject <json>', 'what else the hooks are told, as a JSON object')
    .option('--json', 'print JSON')
  if (context.isHost)
    command.addOption(
      command
        .createOption('--in-guest', 'have the guest run its own hooks first; its no is one')
        .conflicts('dryRun'),
    )
  return command
    .addHelpText(
      'after',
      `\nExit status: 0 when all is well; 1 a hook was not done; ${vetoExitCode} a hook has said no; 125 the phase could not be run.`,
    )
    .action(async (...parameters: unknown[]) => await runHooks(context, lastCommand(parameters)))
}

async function runHooks(context: ProgramContext, command: Command): Promise<void> {
  const options = command.opts<RunHooksOptions>()
  const [asked = ''] = command.args
  const phase = phaseNamed(asked, context.options.side).name
  const subject = subjectFrom(options)
  const question = options.inGuest === true ? questionFor(phase, subject) : undefined
  const hooks = await hooksOf(context, command)
  const isJson = options.json === true
  if (options.dryRun === true)
    return tellPlan(context, { planned: await hooks.plan({ phase, subject }), isJson })
  const onResult = isJson ? {} : { onResult: (result: HookResult) => tellResult(context, result) }
  const run = async (askFirst?: PhaseRequest['askFirst']): Promise<void> =>
    await untilSignal(async (signal) => {
      const request = { phase, subject, signal, askFirst, ...onResult }
      tellRun(context, { run: await hooks.runPhase(request), isJson })
    })
  if (question === undefined) return await run()
  await context.withDaemon(
    command,
    async (client) => await run(async (signal) => await askGuest(client, { ...question, signal })),
  )
}

/** Who presses Ctrl-C ends the hooks, too: they are in process groups of their own, which a terminal does not reach. */
async function untilSignal(run: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController()
  const leave = (): void => stop.abort()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.once(signal, leave)
  try {
    await run(stop.signal)
  } finally {
    for (const signal of signals) process.off(signal, leave)
  }
}

interface Told {
  readonly isJson: boolean
}

function tellPlan(
  context: ProgramContext,
  { planned, isJson }: Told & { readonly planned: readonly PlannedHook[] },
): void {
  context.exitCode = planned.some(({ will }) => will === 'be refused') ? 1 : 0
  if (isJson) return context.print(json(planned))
  for (const { step, hook, will, reason } of planned)
    print(context, `${step}  ${hook}  would ${will}${reason === undefined ? '' : `: ${reason}`}`)
  print(context, `${counted(planned)}, nothing was run`)
}

function tellResult(
  context: ProgramContext,
  { hook, outcome, reason, durationMs, output }: HookResult,
): void {
  const why = reason === undefined ? '' : `: ${reason}`
  print(context, `${hook}  ${outcome}${why} (${durationMs} ms)`)
  for (const line of linesOf(output)) print(context, `    ${line}`)
}

function tellRun(context: ProgramContext, { run, isJson }: Told & { readonly run: PhaseRun }): void {
  context.exitCode = run.isVetoed ? vetoExitCode : isGood(run) ? 0 : 1
  if (isJson) return context.print(json(run))
  if (run.vetoedBy !== undefined) print(context, `"${run.vetoedBy}" has said no to ${run.phase}`)
  print(context, `${counted(run.results)} of ${run.phase} (${run.mode}), run ${run.run}`)
}

function counted({ length }: readonly unknown[]): string {
  return length === 1 ? '1 hook' : `${length} hooks`
}

function linesOf(output: string): readonly string[] {
  return output === '' ? [] : output.replace(/\n$/, '').split('\n')
}

function print(context: ProgramContext, line: string): void {
  context.print(`${escapeControl(line)}\n`)
}
