/**
 * Starts a command as its kind, its settings and the rule that allowed it want it.
 * Floor 5. The rule has the last word on the user, and the smaller limit counts.
 */
import type { Clock } from '../clock.js'
import type { Log } from '../log.js'
import { environmentFor } from '../process/environment.js'
import type { CallFacts } from '../process/environment.js'
import { ModuleRunner } from '../process/module-runner.js'
import { limitOutput } from '../process/output-limit.js'
import { startExecutable } from '../process/runner.js'
import type { Executable, RunningCommand } from '../process/runner.js'
import { startSocketCommand } from '../process/socket-command.js'
import type { StartProcess } from '../process/started-process.js'
import type { RuleOptions } from '../policy/rule.js'
import type { Command } from '../registry/command.js'
import type { CommandSettings } from '../registry/settings.js'
import type { Result } from '../wire/result.js'
import { notAs } from './refusals.js'

/** What is started. */
export interface CommandStart {
  readonly command: Command
  readonly options: RuleOptions
  readonly args: readonly string[]
  readonly hasStdin: boolean
  readonly facts: CallFacts
}

/** Starts the commands of one side. */
export class CommandStarter {
  readonly #clock: Clock
  readonly #startProcess: StartProcess
  readonly #modules: ModuleRunner

  constructor({ clock, log, startProcess }: { clock: Clock; log: Log; startProcess: StartProcess }) {
    this.#clock = clock
    this.#startProcess = startProcess
    this.#modules = new ModuleRunner({ clock, log })
  }

  /** @returns the running command, or why it could not be started */
  async start(start: CommandStart): Promise<RunningCommand | Result> {
    const running = await this.#startByKind(start)
    const bytesMax = smaller(start.options.outputBytesMax, start.command.settings.outputBytesMax)
    return 'kind' in running || bytesMax === undefined ? running : limitOutput(running, { bytesMax })
  }

  /** Ends all modules. */
  async close(): Promise<void> {
    await this.#modules.close()
  }

  async #startByKind(start: CommandStart): Promise<RunningCommand | Result> {
    const { command, options, args, hasStdin, facts } = start
    const { kind, path, settings } = command
    if (kind === 'executable')
      return await startExecutable(executableOf(start), {
        clock: this.#clock,
        startProcess: this.#startProcess,
      })
    if (options.user !== undefined || options.group !== undefined) return notAs(kind)
    if (kind === 'socket') return await startSocketCommand({ path, args, facts, hasStdin }, this.#clock)
    const { environment, memoryBytesMax, worker } = settings
    return this.#modules.start({ path, args, facts, environment, hasStdin, worker, memoryBytesMax })
  }
}

function executableOf({ command, options, args, hasStdin, facts }: CommandStart): Executable {
  const { path, settings } = command
  return {
    path,
    args,
    // The settings may change PATH, HOME and LANG; what says who calls they cannot name.
    environment: { ...environmentFor(facts), ...settings.environment },
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
