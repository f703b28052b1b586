/** The guest's library door. */
import { Client, loadConfig, localHello } from '@negotiator/common'

export type {
  Call,
  CallOptions,
  CallTarget,
  CatalogueEntry,
  Client,
  Outcome,
  PeerState,
  PeerSummary,
  Result,
  RunOptions,
  SignalName,
} from '@negotiator/common'
export { NegotiatorError, PeerError, SystemError, UsageError } from '@negotiator/common'
export { startGuestDaemon } from './daemon.js'
export type { Daemon, GuestDaemonOptions } from './daemon.js'

/** Which daemon to connect to. */
export interface ConnectOptions {
  /** The folder below which the daemon's paths lie; `/` unless given. */
  readonly root?: string
  /** The configuration file, if it is not the usual one. */
  readonly config?: string
}

/**
 * Connects to the guest's daemon.
 * @throws {SystemError} `daemon-unreachable`; {@link UsageError} `bad-config`
 * @example
 * const guest = await connect()
 * const { stdout } = await guest.run({ target: 'host', command: 'guest-name' })
 * guest.close()
 */
export async function connect({ root = '/', config }: ConnectOptions = {}): Promise<Client> {
  const settings = await loadConfig({ side: 'guest', root, file: config })
  return await Client.connect({ path: settings['control-socket'], hello: await localHello('program') })
}
