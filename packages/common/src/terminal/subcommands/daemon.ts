/**
 * The daemon itself: run it, ask how it is, and what it is configured as.
 * Floor 8.
 */
import type { Command } from 'commander'
import { configToml } from '../../agent/config.js'
import { runDaemon } from '../daemon.js'
import { json } from '../print.js'
import type { ProgramContext } from '../program-context.js'

/** `daemon` */
export function daemonCommand(context: ProgramContext): Command {
  const { startDaemon } = context.options
  return context
    .subcommand('daemon', { summary: 'run the daemon in the foreground', example: 'daemon' })
    .action(async (_options, command: Command) => {
      await runDaemon(startDaemon, { config: await context.config(command), root: context.root(command) })
    })
}

/** `status` */
export function statusCommand(context: ProgramContext): Command {
  return context
    .subcommand('status', { summary: 'tell how the daemon is, as JSON', example: 'status' })
    .option('--json', 'print JSON, which is what it does anyway')
    .action(async (_options, command: Command) => {
      await context.withDaemon(command, async (client) => context.print(json(await client.status())))
    })
}

/** `config` */
export function configCommand(context: ProgramContext): Command {
  return context
    .subcommand('config', { summary: 'print the effective configuration', example: 'config' })
    .action(async (_options, command: Command) => {
      context.print(configToml(await context.config(command), context.options.side))
    })
}
