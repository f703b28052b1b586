/**
 * The command line of both programs: on the host each subcommand names a guest, in a guest the host is meant.
 * Floor 8.
 */
import { Command, CommanderError } from 'commander'
import type { Side } from '../agent/paths.js'
import { version } from '../version.js'
import { troubleExitCode } from './exit-code.js'
import { oldFaceHelp } from './old-face/help.js'
import { faceOf } from './old-face/parse.js'
import { runOldFace } from './old-face/run.js'
import { everywhereOptions } from './options.js'
import { ProgramContext } from './program-context.js'
import type { MakeSubcommand, ProgramOptions } from './program-context.js'
import { auditCommand } from './subcommands/audit.js'
import { configCommand, daemonCommand, statusCommand } from './subcommands/daemon.js'
import { hooksCommand } from './subcommands/hooks.js'
import { commandsCommand, guestsCommand } from './subcommands/list.js'
import { policyCommand } from './subcommands/policy.js'
import { pingCommand, waitCommand } from './subcommands/reach.js'
import { runCommand } from './subcommands/run.js'

/**
 * Runs the program, whichever of its two faces the arguments mean.
 * @returns its exit status
 */
export async function runProgram(options: ProgramOptions, argv: readonly string[]): Promise<number> {
  const face = faceOf(options.side, argv)
  switch (face.kind) {
    case 'new':
      return await runSubcommand(options, argv)
    case 'help':
      return await runSubcommand(options, ['--help'])
    case 'old':
    case 'bad':
      return await runOldFace(new ProgramContext(options), face)
  }
}

async function runSubcommand(options: ProgramOptions, argv: readonly string[]): Promise<number> {
  const context = new ProgramContext(options)
  try {
    await programOf(context).parseAsync([...argv], { from: 'user' })
    return context.exitCode
  } catch (error) {
    // commander has printed its own sentence already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : troubleExitCode
    return context.failed(error)
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
    .configureOutput({ writeOut: output.stdout, writeErr: output.stderr })
    .showHelpAfterError(`(${name} --help tells more)`)
    .enablePositionalOptions()
    .exitOverride()
    .addHelpText('after', oldFaceHelp(side))
  for (const option of everywhereOptions(side)) program.addOption(option)
  const inOrder: readonly MakeSubcommand[] = [
    daemonCommand,
    ...(isHost ? [guestsCommand] : []),
    commandsCommand,
    runCommand,
    pingCommand,
    waitCommand,
    statusCommand,
    policyCommand,
    auditCommand,
    hooksCommand,
    ...subcommands,
    configCommand,
  ]
  for (const make of inOrder) {
    const command = make(context)
    adopt(command, { parent: program, side })
    program.addCommand(command)
  }
  return program
}

/** A subcommand may have some of its own. */
function adopt(command: Command, { parent, side }: { parent: Command; side: Side }): void {
  command.copyInheritedSettings(parent)
  for (const option of everywhereOptions(side)) command.addOption(option.hideHelp())
  for (const member of command.commands) adopt(member, { parent: command, side })
}
