/**
 * The host's daemon: its guests, as the drivers find them and as it looks after them; a control socket for the host's own programs.
 */
import { dirname, join } from 'node:path'
import { Answers, ControlServer, openAgent, openMetrics } from '@negotiator/common'
import type { Clock, Config, FindKoffi, Log, OfferedMetrics, Shipped } from '@negotiator/common'
import { createDrivers } from './drivers/drivers.js'
import { openGuests } from './guests/open-guests.js'
import { managedNames } from './managed/managed-names.js'

/** What the host's daemon needs. */
export interface HostDaemonOptions {
  readonly config: Config
  /** The folder that stands for `/`, which the configuration's paths are below already; `/` unless given. */
  readonly root?: string | undefined
  /** What comes with the program. */
  readonly shipped: Shipped
  readonly clock: Clock
  readonly log: Log
  /** How koffi is had, which tells who a local program is; from node_modules unless told. */
  readonly findKoffi?: FindKoffi | undefined
}

/** A running daemon. */
export interface Daemon {
  /** Reads the policy anew, and begins a new audit log where the old one was moved away. */
  reload(): Promise<void>
  /** Stops in order: calls end, guests are told, sockets are closed. */
  close(): Promise<void>
}

/**
 * Starts the daemon; guests are looked for from then on.
 * @throws {UsageError} for an unknown driver; {@link SystemError} when a command folder cannot be read or the control
 *   socket not be had; nothing is left open then
 */
export async function startHostDaemon({
  config,
  root = '/',
  shipped,
  clock,
  log,
  findKoffi,
}: HostDaemonOptions): Promise<Daemon> {
  const pokeFile = join(dirname(config['control-socket']), 'libvirt-changed')
  const managedName = managedNames(join(config['state-folder'], 'guests'))
  const drivers = await createDrivers(config.drivers, { clock, log, pokeFile, managedName })
  const opened = await openAgent({ side: 'host', config, shipped, clock, log, findKoffi })
  const { agent, heartbeat } = opened
  const guests = await openGuests({ config, root, agent, drivers, clock, log, findKoffi })
  let control: ControlServer | undefined
  let metrics: OfferedMetrics | undefined
  const status = (): Readonly<Record<string, unknown>> => ({
    ...opened.status(),
    ...control?.status(),
    metrics: metrics?.status(),
    ...guests.status(),
  })
  const answers = new Answers({
    directory: agent,
    clock,
    run: (call, needs) => agent.serveProgram(call, needs),
    machine: guests.serveMachine,
    status,
  })
  const close = async (): Promise<void> => {
    await guests.takeDown()
    await control?.close()
    await metrics?.close()
    await guests.close()
    await opened.close()
  }
  try {
    control = await ControlServer.listen({
      path: config['control-socket'],
      hello: agent.hello,
      clock,
      log,
      heartbeat,
      findKoffi,
      answer: (stream, caller) => answers.answer(stream, caller),
    })
    metrics = await openMetrics({
      listen: config['metrics-listen'],
      facts: { ...opened, side: 'host', drivers: guests.drivers },
      clock,
      log,
    })
    await guests.start()
    return { reload: async () => await opened.reload(), close }
  } catch (error) {
    // What is left open would keep the process alive, and its socket would look like a daemon's.
    await close()
    throw error
  }
}
