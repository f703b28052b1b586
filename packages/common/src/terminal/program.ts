/**
 * The command line of both programs: on the host each subcommand names a guest, in a guest the host is meant.
 * Floor 8.
 */
import { Command, CommanderError } from 'commander'
import { NegotiatorError, sentenceOf } from '../errors.js'
import { version } from '../version.js'
import { troubleExitCode } from './exit-code.js'
import { ProgramContext } from './program-context.js'
import type { MakeSubcommand, ProgramOptions } from './program-context.js'
import { configCommand, daemonCommand, statusCommand } from './subcommands/daemon.js'
import { commandsCommand, guestsCommand } from './subcommands/list.js'
import { pingCommand, waitCommand } from './subcommands/reach.js'
import { runCommand } from './subcommands/run.js'

/**
 * Runs the program.
 * @returns its exit status
 */
export async function runProgram(options: ProgramOptions, argv: readonly string[]): Promise<number> {
  const context = new ProgramContext(options)
  try {
    await programOf(context).parseAsync([...argv], { from: 'user' })
    return context.exitCode
  } catch (error) {
    // commander has printed its own sentence already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : troubleExitCode
    if (!(error instanceof NegotiatorError)) throw error
    options.output.stderr(`${context.name}: ${sentenceOf(error)}\n`)
    return error.code === 'timed-out' ? 124 : troubleExitCode
  }
}

function programOf(context: ProgramContext): Command {
  const { name, isHost } = context
  const { side, output, subcommands = [] } = context.options
  const program = new Command(name)
    .description(
      isHost
        ? 'Calls commands in guests, and serves the commands that guests call.'
        : 'Calls commands on the host, and serves the commands that the host calls.',
    )
    .version(version)
    .option('--root <dir>', 'look for everything below this folder', '/')
    .option('--config <file>', `the configuration, instead of /etc/negotiator/${side}.toml`)
    .option('-v, --verbose', 'log more')
    .option('-q, --quiet', 'log errors only')
    .configureOutput({ writeOut: output.stdout, writeErr: output.stderr })
    .showHelpAfterError(`(${name} --help tells more)`)
    .enablePositionalOptions()
    .exitOverride()
  const inOrder: readonly MakeSubcommand[] = [
    daemonCommand,
    ...(isHost ? [guestsCommand] : []),
    commandsCommand,
    runCommand,
    pingCommand,
    waitCommand,
    statusCommand,
    ...subcommands,
    configCommand,
  ]
  for (const make of inOrder) program.addCommand(make(context).copyInheritedSettings(program))
  return program
}
