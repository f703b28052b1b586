/**
 * The options that every subcommand takes, and what they come to.
 * Floor 8.
 */
import { loadConfig } from '../agent/config.js'
import type { Config } from '../agent/config.js'
import { localHello } from '../agent/local-hello.js'
import type { Side } from '../agent/paths.js'
import { Client } from '../control/client.js'
import { UsageError } from '../errors.js'

/** As commander gives them. */
export interface GlobalOptions {
  readonly root: string
  readonly config?: string
  readonly verbose?: boolean
  readonly quiet?: boolean
}

/** The configuration with the command line's word over the file's. */
export async function configOf(
  side: Side,
  { root, config: file, verbose, quiet }: GlobalOptions,
): Promise<Config> {
  const config = await loadConfig({ side, root, file })
  if (verbose === true) return { ...config, 'log-level': 'debug' }
  return quiet === true ? { ...config, 'log-level': 'error' } : config
}

/** A connection to this machine's daemon. @throws {SystemError} `daemon-unreachable` */
export async function connectToDaemon(side: Side, options: GlobalOptions): Promise<Client> {
  const config = await configOf(side, options)
  return await Client.connect({ path: config['control-socket'], hello: await localHello('program') })
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
