/**
 * What there is to call: the guests of a host, the commands of a peer.
 * Floor 8.
 */
import type { Command } from 'commander'
import type { CatalogueEntry } from '../../call/catalogue.js'
import { json, table } from '../print.js'
import { lastCommand } from '../program-context.js'
import type { ProgramContext } from '../program-context.js'

interface ListOptions {
  readonly json?: boolean
  readonly long?: boolean
}

/** `guests` */
export function guestsCommand(context: ProgramContext): Command {
  return context
    .subcommand('guests', { summary: 'list the guests and their states', example: 'guests --json' })
    .option('--json', 'print JSON')
    .action(async (_options, command: Command) => {
      await context.withDaemon(command, async (client) => {
        const peers = await client.peers()
        if (command.opts<ListOptions>().json === true) return context.print(json(peers))
        const rows = peers.map(({ name, state, agent, uuid }) => [name, state, agent ?? '-', uuid ?? '-'])
        context.print(table([['NAME', 'STATE', 'AGENT', 'UUID'], ...rows]))
      })
    })
}

function rowOf({ name, usage = '', summary = '' }: CatalogueEntry): readonly string[] {
  return [name, usage, summary]
}

/** `commands` */
export function commandsCommand(context: ProgramContext): Command {
  const text = context.isHost
    ? { summary: 'list the commands that can be called in a guest', example: 'commands web1' }
    : { summary: 'list the commands that can be called on the host', example: 'commands' }
  return context
    .targeted('commands', text)
    .option('--long', 'print a table with the usage and the summary of each')
    .option('--json', 'print JSON')
    .action(async (...parameters: unknown[]) => {
      const command = lastCommand(parameters)
      const [target] = context.targetAndRest(command)
      await context.withDaemon(command, async (client) => {
        const commands = await client.commands(target)
        const { json: isJson, long } = command.opts<ListOptions>()
        if (isJson === true) return context.print(json(commands))
        if (long === true) return context.print(table([['NAME', 'USAGE', 'SUMMARY'], ...commands.map(rowOf)]))
        // Plain names, whatever there is to tell beside them: scripts read them a line each.
        context.print(commands.map(({ name }) => `${name}\n`).join(''))
      })
    })
}
