/**
 * Starts a command as its settings and the rule that allowed it want it.
 * Floor 5. The rule has the last word on the user, and the smaller limit counts.
 */
import type { Clock } from '../clock.js'
import { limitOutput } from '../process/output-limit.js'
import { startExecutable } from '../process/runner.js'
import type { Executable, RunningCommand } from '../process/runner.js'
import type { RuleOptions } from '../policy/rule.js'
import type { Command } from '../registry/command.js'
import type { CommandSettings } from '../registry/settings.js'
import type { Result } from '../wire/result.js'

/** What is started. */
export interface CommandStart {
  readonly command: Command
  readonly options: RuleOptions
  readonly args: readonly string[]
  readonly hasStdin: boolean
  readonly environment: Readonly<Record<string, string>>
}

/** @returns the running command, or why it could not be started */
export async function startCommand(start: CommandStart, clock: Clock): Promise<RunningCommand | Result> {
  const running = await startExecutable(executableOf(start), clock)
  const bytesMax = smaller(start.options.outputBytesMax, start.command.settings.outputBytesMax)
  return 'kind' in running || bytesMax === undefined ? running : limitOutput(running, { bytesMax })
}

function executableOf({ command, options, args, hasStdin, environment }: CommandStart): Executable {
  const { path, settings } = command
  return {
    path,
    args,
    // The settings may change PATH, HOME and LANG; what says who calls they cannot name.
    environment: { ...environment, ...settings.environment },
    folder: settings.folder ?? '/',
    hasStdin,
    runAs: runAsOf(options, settings),
    nice: settings.nice,
    memoryBytesMax: settings.memoryBytesMax,
    cpuSecondsMax: settings.cpuSecondsMax,
  }
}

function runAsOf(options: RuleOptions, settings: CommandSettings): Executable['runAs'] {
  if (options.user !== undefined) return { user: options.user, group: options.group }
  const { user, groups } = settings
  const group = options.group ?? settings.group
  if (user !== undefined) return { user, group, groups }
  // A group alone: the daemon's own user, with another group.
  if (group === undefined && groups === undefined) return undefined
  return { user: String(process.geteuid?.() ?? 0), group, groups }
}

function smaller(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other)
}
