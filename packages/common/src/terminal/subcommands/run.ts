/**
 * `run`: a command of the other side, as if it were a local one.
 * Floor 8.
 */
import { Option } from 'commander'
import type { Command } from 'commander'
import { systemClock } from '../../clock.js'
import { UsageError } from '../../errors.js'
import { secondsOption } from '../options.js'
import { lastCommand } from '../program-context.js'
import type { ProgramContext } from '../program-context.js'
import { runFromTerminal } from '../run.js'

interface RunCommandOptions {
  readonly timeout?: number
  readonly interactive?: boolean
  readonly stdin: boolean
  readonly timing?: boolean
  readonly target?: string
}

/** `run` */
export function runCommand(context: ProgramContext): Command {
  const text = context.isHost
    ? { summary: 'run a command in a guest', example: 'run web1 find-disk-usage' }
    : { summary: 'run a command on the host', example: 'run guest-name' }
  const command = context
    .targeted('run', text)
    .argument('<command>', 'its name')
    .argument('[args...]', 'its arguments, passed on as they are')
  // Before the others, for a host names its guest in each call.
  if (!context.isHost)
    command.option(
      '--target <guest>',
      "another guest of the host, by its name there; the host's policy decides",
    )
  return command
    .option('--timeout <seconds>', 'end the command after so long', secondsOption)
    .addOption(new Option('-i, --interactive', 'forward standard input although it is a terminal'))
    .addOption(new Option('-n, --no-stdin', 'never forward standard input, e.g. in a `while read` loop'))
    .option('--timing', 'print to standard error where the time of the call went')
    .passThroughOptions()
    .addHelpText(
      'after',
      "\nExit status: the command's own; 128+n when signal n ended it; 124 its time was over; 125 trouble on the way;\n" +
        '126 denied or not to be started; 127 no such command.',
    )
    .action(async (...parameters: unknown[]) => await run(context, lastCommand(parameters)))
}

async function run(context: ProgramContext, command: Command): Promise<void> {
  const { terminal, isInteractive } = context.options
  const [peer, name, args] = commandToRun(context, command)
  const { timeout, interactive, stdin, timing, target = peer } = command.opts<RunCommandOptions>()
  const hasStdin = stdin && (interactive === true || !isInteractive)
  const timedSinceMs = timing === true ? systemClock.now() : undefined
  await context.withDaemon(command, async (client) => {
    const request = { target, command: name, args, timeoutMs: timeout, hasStdin, timedSinceMs }
    context.exitCode = await runFromTerminal(client, { terminal, run: request })
  })
}

/** Options that stand too late would be taken for the command, whose own options are none of our business. */
function commandToRun(
  context: ProgramContext,
  command: Command,
): readonly [target: string, name: string, args: readonly string[]] {
  const [target, ...rest] = context.targetAndRest(command)
  const [name = '', ...args] = rest[0] === '--' ? rest.slice(1) : rest
  if (!name.startsWith('-')) return [target, name, args]
  const place = context.isHost ? 'the guest' : 'the command'
  throw new UsageError(
    `Cannot run "${name}": no command has such a name, and options of \`run\` stand before ${place}`,
    { code: 'bad-option' },
  )
}
