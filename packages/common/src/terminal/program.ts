/**
 * The command line of both programs: on the host each subcommand names a guest, in a guest the host is meant.
 * Floor 8.
 */
import { Command, CommanderError, Option } from 'commander'
import { configToml } from '../agent/config.js'
import type { Side } from '../agent/paths.js'
import type { Client } from '../control/client.js'
import { NegotiatorError, sentenceOf, UsageError } from '../errors.js'
import { version } from '../version.js'
import { troubleExitCode } from './exit-code.js'
import { configOf, connectToDaemon, secondsOption } from './options.js'
import type { GlobalOptions } from './options.js'
import { runDaemon } from './daemon.js'
import type { StartDaemon } from './daemon.js'
import { json, table } from './print.js'
import type { Output } from './print.js'
import { runFromTerminal } from './run.js'
import type { Terminal } from './run.js'

/** What the two programs differ in. */
export interface ProgramOptions {
  readonly side: Side
  readonly startDaemon: StartDaemon
  readonly terminal: Terminal
  readonly output: Output
  /** Whether standard input is a terminal, and so not forwarded unless asked for. */
  readonly isInteractive: boolean
}

interface TargetedOptions extends GlobalOptions {
  readonly json?: boolean
  readonly timeout?: number
}

interface RunCommandOptions extends TargetedOptions {
  readonly interactive?: boolean
  readonly stdin: boolean
}

/**
 * Runs the program.
 * @returns its exit status
 */
export async function runProgram(options: ProgramOptions, argv: readonly string[]): Promise<number> {
  const program = new Program(options)
  return await program.run(argv)
}

class Program {
  readonly #options: ProgramOptions
  readonly #name: string
  readonly #isHost: boolean
  #exitCode = 0

  constructor(options: ProgramOptions) {
    this.#options = options
    this.#name = `negotiator-${options.side}`
    this.#isHost = options.side === 'host'
  }

  async run(argv: readonly string[]): Promise<number> {
    try {
      await this.#command().parseAsync([...argv], { from: 'user' })
    } catch (error) {
      // commander has printed its own sentence already.
      if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : troubleExitCode
      if (!(error instanceof NegotiatorError)) throw error
      this.#options.output.stderr(`${this.#name}: ${sentenceOf(error)}\n`)
      return error.code === 'timed-out' ? 124 : troubleExitCode
    }
    return this.#exitCode
  }

  #command(): Command {
    const { output } = this.#options
    const program = new Command(this.#name)
      .description(
        this.#isHost
          ? 'Calls commands in guests, and serves the commands that guests call.'
          : 'Calls commands on the host, and serves the commands that the host calls.',
      )
      .version(version)
      .option('--root <dir>', 'look for everything below this folder', '/')
      .option('--config <file>', `the configuration, instead of /etc/negotiator/${this.#options.side}.toml`)
      .option('-v, --verbose', 'log more')
      .option('-q, --quiet', 'log errors only')
      .configureOutput({ writeOut: output.stdout, writeErr: output.stderr })
      .showHelpAfterError(`(${this.#name} --help tells more)`)
      .enablePositionalOptions()
      .exitOverride()
    const subcommands = [
      this.#daemon(),
      ...(this.#isHost ? [this.#guests()] : []),
      this.#commands(),
      this.#run(),
      this.#ping(),
      this.#wait(),
      this.#status(),
      this.#config(),
    ]
    for (const subcommand of subcommands) {
      program.addCommand(subcommand.copyInheritedSettings(program))
    }
    return program
  }

  #subcommand(name: string, { summary, example }: { summary: string; example: string }): Command {
    return new Command(name)
      .description(summary)
      .addHelpText('after', `\nExample:\n  $ ${this.#name} ${example}`)
  }

  /** A subcommand that names a guest on the host and means the host in a guest. */
  #targeted(name: string, text: { summary: string; example: string }): Command {
    const command = this.#subcommand(name, text)
    return this.#isHost
      ? command.argument('<guest>', 'its name or uuid, as `negotiator-host guests` lists it')
      : command
  }

  #targetAndRest(command: Command): readonly [target: string, ...rest: string[]] {
    const [first = 'host', ...rest] = this.#isHost ? command.args : ['host', ...command.args]
    return [first, ...rest]
  }

  #daemon(): Command {
    return this.#subcommand('daemon', {
      summary: 'run the daemon in the foreground',
      example: 'daemon',
    }).action(async (_options, command: Command) => {
      await runDaemon(
        this.#options.startDaemon,
        await configOf(this.#options.side, command.optsWithGlobals()),
      )
    })
  }

  #guests(): Command {
    return this.#subcommand('guests', {
      summary: 'list the guests and their states',
      example: 'guests --json',
    })
      .option('--json', 'print JSON')
      .action(async (_options, command: Command) => {
        await this.#withDaemon(command, async (client) => {
          const peers = await client.peers()
          if (command.opts<TargetedOptions>().json === true) return this.#print(json(peers))
          const rows = peers.map(({ name, state, agent, uuid }) => [name, state, agent ?? '-', uuid ?? '-'])
          this.#print(table([['NAME', 'STATE', 'AGENT', 'UUID'], ...rows]))
        })
      })
  }

  #commands(): Command {
    const text = this.#isHost
      ? { summary: 'list the commands that can be called in a guest', example: 'commands web1' }
      : { summary: 'list the commands that can be called on the host', example: 'commands' }
    return this.#targeted('commands', text)
      .option('--json', 'print JSON')
      .action(async (...parameters: unknown[]) => {
        const command = lastCommand(parameters)
        const [target] = this.#targetAndRest(command)
        await this.#withDaemon(command, async (client) => {
          const commands = await client.commands(target)
          if (command.opts<TargetedOptions>().json === true) return this.#print(json(commands))
          this.#print(commands.map(({ name }) => `${name}\n`).join(''))
        })
      })
  }

  #run(): Command {
    const text = this.#isHost
      ? { summary: 'run a command in a guest', example: 'run web1 find-disk-usage' }
      : { summary: 'run a command on the host', example: 'run guest-name' }
    return this.#targeted('run', text)
      .argument('<command>', 'its name')
      .argument('[args...]', 'its arguments, passed on as they are')
      .option('--timeout <seconds>', 'end the command after so long', secondsOption)
      .addOption(new Option('-i, --interactive', 'forward standard input although it is a terminal'))
      .addOption(new Option('-n, --no-stdin', 'never forward standard input, e.g. in a `while read` loop'))
      .passThroughOptions()
      .addHelpText(
        'after',
        "\nExit status: the command's own; 128+n when signal n ended it; 124 its time was over; 125 trouble on the way;\n" +
          '126 denied or not to be started; 127 no such command.',
      )
      .action(async (...parameters: unknown[]) => {
        const command = lastCommand(parameters)
        const [target, name, args] = this.#commandToRun(command)
        const { timeout, interactive, stdin } = command.opts<RunCommandOptions>()
        const hasStdin = stdin && (interactive === true || !this.#options.isInteractive)
        await this.#withDaemon(command, async (client) => {
          const run = { target, command: name, args, timeoutMs: timeout, hasStdin }
          this.#exitCode = await runFromTerminal(client, { terminal: this.#options.terminal, run })
        })
      })
  }

  /** Options that stand too late would be taken for the command, whose own options are none of our business. */
  #commandToRun(command: Command): readonly [target: string, name: string, args: readonly string[]] {
    const [target, ...rest] = this.#targetAndRest(command)
    const [name = '', ...args] = rest[0] === '--' ? rest.slice(1) : rest
    if (!name.startsWith('-')) return [target, name, args]
    const place = this.#isHost ? 'the guest' : 'the command'
    throw new UsageError(
      `Cannot run "${name}": no command has such a name, and options of \`run\` stand before ${place}`,
      {
        code: 'bad-option',
      },
    )
  }

  #ping(): Command {
    const text = this.#isHost
      ? { summary: "measure the round trip to a guest's daemon", example: 'ping web1' }
      : { summary: "measure the round trip to the host's daemon", example: 'ping' }
    return this.#targeted('ping', text)
      .option('--json', 'print JSON')
      .action(async (...parameters: unknown[]) => {
        const command = lastCommand(parameters)
        const [target] = this.#targetAndRest(command)
        await this.#withDaemon(command, async (client) => {
          const roundTripMs = await client.ping(target)
          const isJson = command.opts<TargetedOptions>().json === true
          this.#print(
            isJson ? json({ target, roundTripMs }) : `${target} answers after ${roundTripMs.toFixed(2)} ms\n`,
          )
        })
      })
  }

  #wait(): Command {
    const text = this.#isHost
      ? { summary: 'wait until a guest can be called', example: 'wait web1 --timeout 60' }
      : { summary: 'wait until the host can be called', example: 'wait --timeout 60' }
    return this.#targeted('wait', text)
      .option('--timeout <seconds>', 'give up after so long, with exit status 124', secondsOption)
      .action(async (...parameters: unknown[]) => {
        const command = lastCommand(parameters)
        const [target] = this.#targetAndRest(command)
        const timeoutMs = command.opts<TargetedOptions>().timeout
        await this.#withDaemon(command, async (client) => await client.wait(target, { timeoutMs }))
      })
  }

  #status(): Command {
    return this.#subcommand('status', { summary: 'tell how the daemon is, as JSON', example: 'status' })
      .option('--json', 'print JSON, which is what it does anyway')
      .action(async (_options, command: Command) => {
        await this.#withDaemon(command, async (client) => this.#print(json(await client.status())))
      })
  }

  #config(): Command {
    return this.#subcommand('config', {
      summary: 'print the effective configuration',
      example: 'config',
    }).action(async (_options, command: Command) => {
      const { side } = this.#options
      this.#print(configToml(await configOf(side, command.optsWithGlobals()), side))
    })
  }

  async #withDaemon(command: Command, use: (client: Client) => Promise<void> | void): Promise<void> {
    const client = await connectToDaemon(this.#options.side, command.optsWithGlobals())
    try {
      await use(client)
    } finally {
      client.close()
    }
  }

  #print(text: string): void {
    this.#options.output.stdout(text)
  }
}

/** commander calls an action with the arguments, the options and, last, the command. */
function lastCommand(parameters: readonly unknown[]): Command {
  const command = parameters.at(-1)
  if (command instanceof Command) return command
  throw new TypeError('commander did not give the command')
}
