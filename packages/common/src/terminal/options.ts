/**
 * The options that every subcommand takes, and what they come to.
 * Floor 8.
 */
import { Option } from 'commander'
import type { Command } from 'commander'
import { loadConfig } from '../agent/config.js'
import type { Config } from '../agent/config-settings.js'
import { localHello } from '../agent/local-hello.js'
import type { Side } from '../agent/paths.js'
import { Client } from '../control/client.js'
import { UsageError } from '../errors.js'

/** As commander gives them. */
export interface GlobalOptions {
  readonly root?: string | undefined
  readonly config?: string | undefined
  readonly verbose?: boolean
  readonly quiet?: boolean
}

/** The options that stand before or behind the subcommand. */
export function everywhereOptions(side: Side): readonly Option[] {
  return [
    new Option('--root <dir>', 'look for everything below this folder instead of /'),
    new Option('--config <file>', `the configuration, instead of /etc/negotiator/${side}.toml`),
    new Option('-v, --verbose', 'log more'),
    new Option('-q, --quiet', 'log errors only'),
  ]
}

/** What was given of them; behind the subcommand has the last word, for it was said later. */
export function globalOptionsOf(command: Command): GlobalOptions {
  const before = command.parent === null ? {} : globalOptionsOf(command.parent)
  return { ...before, ...command.opts<GlobalOptions>() }
}

/** The configuration with the command line's word over the file's. */
export async function configOf(
  side: Side,
  { root = '/', config: file, verbose, quiet }: GlobalOptions,
): Promise<Config> {
  const config = await loadConfig({ side, root, file })
  if (verbose === true) return { ...config, 'log-level': 'debug' }
  return quiet === true ? { ...config, 'log-level': 'error' } : config
}

/**
 * A connection to this machine's daemon.
 * @param options what the command line says, and how long the daemon's answer is waited for if not as usual
 * @throws {SystemError} `daemon-unreachable`
 */
export async function connectToDaemon(
  side: Side,
  options: GlobalOptions & { readonly patienceMs?: number | undefined },
): Promise<Client> {
  const path = (await configOf(side, options))['control-socket']
  const { patienceMs } = options
  return await Client.connect({ path, hello: await localHello('program'), patienceMs })
}

/**
 * Reads a number of seconds.
 * @returns milliseconds
 * @throws {UsageError} `bad-option`
 */
export function secondsOption(text: string): number {
  const seconds = Number(text)
  if (text.trim() !== '' && seconds > 0 && seconds <= 1e9) return Math.ceil(seconds * 1000)
  throw new UsageError(`Cannot use "${text}" as a time: wanted a number of seconds above 0, e.g. 30 or 0.5`, {
    code: 'bad-option',
  })
}
