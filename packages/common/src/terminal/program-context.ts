/**
 * What a subcommand gets of the program that it belongs to: its shape, the daemon, a place to print.
 * Floor 8. The host and the guest package make subcommands of their own with it.
 */
import { Command } from 'commander'
import type { Config } from '../agent/config-settings.js'
import type { Side } from '../agent/paths.js'
import type { Client } from '../control/client.js'
import { NegotiatorError } from '../errors.js'
import type { Log } from '../log.js'
import type { StartDaemon } from './daemon.js'
import { exitCodeOfError } from './exit-code.js'
import { configOf, connectToDaemon, globalOptionsOf } from './options.js'
import type { Output } from './print.js'
import type { Terminal } from './run.js'

/** What the two programs differ in. */
export interface ProgramOptions {
  readonly side: Side
  readonly startDaemon: StartDaemon
  readonly terminal: Terminal
  readonly output: Output
  /** Whether standard input is a terminal, and so not forwarded unless asked for. */
  readonly isInteractive: boolean
  /** Where the shipped policy lies; `undefined` when it cannot be had. */
  readonly shippedPolicy: (needs: {
    readonly config: Config
    readonly log: Log
  }) => Promise<string | undefined>
  /** Subcommands that only this program has. */
  readonly subcommands?: readonly MakeSubcommand[]
}

/** Makes one subcommand. */
export type MakeSubcommand = (context: ProgramContext) => Command

/** What help tells of a subcommand. */
export interface SubcommandText {
  readonly summary: string
  /** What stands behind the program's name in the example. */
  readonly example: string
}

/** The program around its subcommands. */
export class ProgramContext {
  readonly options: ProgramOptions
  /** `negotiator-host` or `negotiator-guest`. */
  readonly name: string
  readonly isHost: boolean
  /** What the program exits with unless an error says otherwise. */
  exitCode = 0

  constructor(options: ProgramOptions) {
    this.options = options
    this.name = `negotiator-${options.side}`
    this.isHost = options.side === 'host'
  }

  /** A subcommand without arguments. */
  subcommand(name: string, { summary, example }: SubcommandText): Command {
    return new Command(name)
      .description(summary)
      .addHelpText('after', `\nExample:\n  $ ${this.name} ${example}`)
  }

  /** A subcommand that names a guest on the host and means the host in a guest. */
  targeted(name: string, text: SubcommandText): Command {
    const command = this.subcommand(name, text)
    return this.isHost
      ? command.argument('<guest>', 'its name or uuid, as `negotiator-host guests` lists it')
      : command
  }

  /** Whom a targeted subcommand means, and its other arguments. */
  targetAndRest(command: Command): readonly [target: string, ...rest: string[]] {
    const [first = 'host', ...rest] = this.isHost ? command.args : ['host', ...command.args]
    return [first, ...rest]
  }

  /** The effective configuration. @throws {UsageError} `bad-config`; {@link SystemError} `config-unreadable` */
  async config(command: Command): Promise<Config> {
    return await configOf(this.options.side, globalOptionsOf(command))
  }

  /** The folder that stands for `/`. */
  root(command: Command): string {
    return globalOptionsOf(command).root ?? '/'
  }

  /** Uses a connection to this machine's daemon. @throws {SystemError} `daemon-unreachable` */
  async withDaemon(command: Command, use: (client: Client) => Promise<void>): Promise<void> {
    const client = await connectToDaemon(this.options.side, globalOptionsOf(command))
    try {
      await use(client)
    } finally {
      client.close()
    }
  }

  print(text: string): void {
    this.options.output.stdout(text)
  }

  /** Says what went wrong; of a reader that left nobody needs to be told. @returns the exit status */
  failed(error: unknown): number {
    if (!(error instanceof NegotiatorError)) throw error
    if (error.code !== 'reader-left') this.options.output.stderr(`${this.name}: ${error.message}\n`)
    return exitCodeOfError(error)
  }
}

/** commander calls an action with the arguments, the options and, last, the command. */
export function lastCommand(parameters: readonly unknown[]): Command {
  const command = parameters.at(-1)
  if (command instanceof Command) return command
  throw new TypeError('commander did not give the command')
}
