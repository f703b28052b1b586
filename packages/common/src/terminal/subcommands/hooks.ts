/**
 * `hooks`: which hooks there are, and what they would do.
 * Floor 8. It reads the folders as the daemon does, and needs none to run.
 */
import type { Command } from 'commander'
import type { PlannedHook } from '../../hooks/hooks.js'
import { phaseNamed, phasesOf } from '../../hooks/phase.js'
import { strayFolders } from '../../hooks/stray-folders.js'
import { escapeControl } from '../../log.js'
import { hooksOf } from '../hooks/hooks-of.js'
import { json, table } from '../print.js'
import { lastCommand } from '../program-context.js'
import type { ProgramContext } from '../program-context.js'
import { runHooksCommand } from './hooks-run.js'

/** `hooks` */
export function hooksCommand(context: ProgramContext): Command {
  const group = context.subcommand('hooks', {
    summary: 'list the hooks that are run when something happens, or run those of a phase',
    example: 'hooks list',
  })
  group.enablePositionalOptions()
  group.addCommand(listCommand(context))
  group.addCommand(runHooksCommand(context))
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
      if (command.opts<{ readonly json?: boolean }>().json === true) return context.print(json(plans))
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
