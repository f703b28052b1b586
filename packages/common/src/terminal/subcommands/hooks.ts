/**
 * `hooks`: which hooks there are, what a phase would run, and running one.
 * Floor 8. It reads the folders as the daemon does, and needs none to run; what it runs, it runs as whoever calls it.
 */
import type { Command } from 'commander'
import { openHooks } from '../../agent/open-hooks.js'
import { systemClock } from '../../clock.js'
import type { Hooks, PlannedHook } from '../../hooks/hooks.js'
import { isGood } from '../../hooks/outcome.js'
import type { PhaseRun, Subject } from '../../hooks/outcome.js'
import { phaseNamed, phasesOf } from '../../hooks/phase.js'
import { strayFolders } from '../../hooks/stray-folders.js'
import { escapeControl, silentLog } from '../../log.js'
import { json, table } from '../print.js'
import { lastCommand } from '../program-context.js'
import type { ProgramContext } from '../program-context.js'
import { subjectFrom } from '../hooks/subject.js'

interface HooksCommandOptions {
  readonly json?: boolean
  readonly dryRun?: boolean
  readonly guest?: string
  readonly subject?: string
}

/** `hooks` */
export function hooksCommand(context: ProgramContext): Command {
  const group = context.subcommand('hooks', {
    summary: 'list the hooks that are run when something happens, or run those of a phase',
    example: 'hooks list',
  })
  group.enablePositionalOptions()
  group.addCommand(listCommand(context))
  group.addCommand(runCommand(context))
  return group
}

function listCommand(context: ProgramContext): Command {
  const text = { summary: 'list the hooks in the order in which they are run', example: 'hooks list' }
  return context
    .subcommand('list', text)
    .argument('[phase]', 'those of one phase; of all unless given')
    .option('--json', 'print JSON')
    .action(async (...parameters: unknown[]) => {
      const command = lastCommand(parameters)
      const { side, output } = context.options
      const [asked] = command.args
      const wanted = asked === undefined ? phasesOf(side) : [phaseNamed(asked, side)]
      const hooks = await hooksOf(context, command)
      const plans: { readonly phase: string; readonly hooks: readonly PlannedHook[] }[] = []
      for (const { name } of wanted) plans.push({ phase: name, hooks: await hooks.plan({ phase: name }) })
      const stray = await strayFolders((await context.config(command))['hooks-folder'])
      for (const sentence of stray) output.stderr(`${context.name}: ${escapeControl(sentence)}\n`)
      const isRefused = plans.some((plan) => plan.hooks.some(({ will }) => will === 'be refused'))
      context.exitCode = isRefused || stray.length > 0 ? 1 : 0
      if (command.opts<HooksCommandOptions>().json === true) return context.print(json(plans))
      const rows = plans.flatMap(({ phase, hooks: planned }) => planned.map((hook) => rowOf(phase, hook)))
      if (rows.length === 0) return context.print('no hooks\n')
      context.print(table([['PHASE', 'STEP', 'HOOK', 'TIMEOUT', 'VETO', 'WILL'], ...rows]))
    })
}

function rowOf(
  phase: string,
  { hook, step, will, reason, hasVeto, timeoutMs }: PlannedHook,
): readonly string[] {
  const verdict = reason === undefined ? will : `${will}: ${reason}`
  return [phase, String(step), hook, `${timeoutMs / 1000} s`, hasVeto ? 'yes' : 'no', verdict]
}

function runCommand(context: ProgramContext): Command {
  const text = { summary: 'run the hooks of a phase', example: 'hooks run post-config --dry-run' }
  return context
    .subcommand('run', text)
    .argument(
      '<phase>',
      `one of ${phasesOf(context.options.side)
        .map(({ name }) => name)
        .join(', ')}`,
    )
    .option('--dry-run', 'run nothing, show what would be run')
    .option('--guest <name>', 'the guest that it is about, or NAME,uuid:UUID')
    .option('--subject <json>', 'what else the hooks are told, as a JSON object')
    .option('--json', 'print JSON')
    .action(async (...parameters: unknown[]) => {
      const command = lastCommand(parameters)
      const options = command.opts<HooksCommandOptions>()
      const [asked = ''] = command.args
      const phase = phaseNamed(asked, context.options.side).name
      const subject = subjectFrom(options)
      const hooks = await hooksOf(context, command)
      if (options.dryRun === true)
        return tellPlan(context, { planned: await hooks.plan({ phase, subject }), options })
      tellRun(context, { run: await runUntilSignal(hooks, { phase, subject }), options })
    })
}

/** Who presses Ctrl-C ends the hooks, too: they are in process groups of their own, which a terminal does not reach. */
async function runUntilSignal(
  hooks: Hooks,
  { phase, subject }: { readonly phase: PhaseRun['phase']; readonly subject: Subject },
): Promise<PhaseRun> {
  const stop = new AbortController()
  const leave = (): void => stop.abort()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.once(signal, leave)
  try {
    return await hooks.runPhase({ phase, subject, signal: stop.signal })
  } finally {
    for (const signal of signals) process.off(signal, leave)
  }
}

interface Told {
  readonly options: HooksCommandOptions
}

function tellPlan(
  context: ProgramContext,
  { planned, options }: Told & { planned: readonly PlannedHook[] },
): void {
  context.exitCode = planned.some(({ will }) => will === 'be refused') ? 1 : 0
  if (options.json === true) return context.print(json(planned))
  for (const { step, hook, will, reason } of planned)
    print(context, `${step}  ${hook}  would ${will}${reason === undefined ? '' : `: ${reason}`}`)
  print(context, `${planned.length} hooks, nothing was run`)
}

function tellRun(context: ProgramContext, { run, options }: Told & { run: PhaseRun }): void {
  context.exitCode = isGood(run) ? 0 : 1
  if (options.json === true) return context.print(json(run))
  for (const { hook, outcome, reason, durationMs, output } of run.results) {
    const why = reason === undefined ? '' : `: ${reason}`
    print(context, `${hook}  ${outcome}${why} (${durationMs} ms)`)
    for (const line of linesOf(output)) print(context, `    ${line}`)
  }
  if (run.vetoedBy !== undefined) print(context, `"${run.vetoedBy}" has said no to ${run.phase}`)
  print(context, `${run.results.length} hooks of ${run.phase} (${run.mode}), run ${run.run}`)
}

function linesOf(output: string): readonly string[] {
  return output === '' ? [] : output.replace(/\n$/, '').split('\n')
}

async function hooksOf(context: ProgramContext, command: Command): Promise<Hooks> {
  const config = await context.config(command)
  return await openHooks({ side: context.options.side, config, clock: systemClock, log: silentLog })
}

function print(context: ProgramContext, line: string): void {
  context.print(`${escapeControl(line)}\n`)
}
