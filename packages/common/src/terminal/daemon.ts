/**
 * `daemon`: runs a daemon in the foreground until it is told to stop, as supervisord and systemd want it.
 * Floor 8.
 */
import type { Config } from '../agent/config-settings.js'
import { systemClock } from '../clock.js'
import { sentenceOf } from '../errors.js'
import { keepHeapLean } from '../lean-heap.js'
import { createLog } from '../log.js'
import type { Log } from '../log.js'
import { collectAtRest } from '../rest-collector.js'
import { version } from '../version.js'

/** A daemon that runs. */
export interface RunningDaemon {
  /** Takes note of what was changed on the disk and is not watched. */
  reload(): Promise<void>
  close(): Promise<void>
}

/** Starts a daemon. */
export type StartDaemon = (needs: {
  readonly config: Config
  /** The folder that stands for `/`. */
  readonly root: string
  readonly log: Log
}) => Promise<RunningDaemon>

/** Runs a daemon until SIGTERM or SIGINT; a second signal ends the process at once. SIGHUP has it reload. */
export async function runDaemon(
  start: StartDaemon,
  { config, root }: { readonly config: Config; readonly root: string },
): Promise<void> {
  keepHeapLean()
  const stopCollecting = collectAtRest(systemClock)
  // Whoever reads the log may end before us, as a supervisord that is killed; a stop goes on to its end all the same.
  process.stderr.on('error', () => undefined)
  const log = createLog({
    level: config['log-level'],
    format: process.stderr.isTTY ? 'text' : 'json',
    write: (line) => void process.stderr.write(line),
  })
  // Before the start, so that whoever sees "Started" may stop us at once.
  const stopping = nextSignal()
  // Sent while it starts, it must not end us, and there is nothing old to reload.
  let reload = async (): Promise<void> => await Promise.resolve()
  process.on('SIGHUP', () => void tellReload(reload(), log))
  const daemon = await start({ config, root, log })
  reload = async () => await daemon.reload()
  log.info('Started', { version, socket: config['control-socket'] })
  const signal = await stopping
  log.info('Stopping', { signal })
  process.once('SIGTERM', () => process.exit(1)).once('SIGINT', () => process.exit(1))
  stopCollecting()
  await daemon.close()
  log.info('Stopped')
}

async function tellReload(reloaded: Promise<void>, log: Log): Promise<void> {
  try {
    await reloaded
    log.info('Reloaded')
  } catch (error) {
    log.error('Cannot reload; all stays as it was', { reason: sentenceOf(error) })
  }
}

async function nextSignal(): Promise<NodeJS.Signals> {
  return await new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      process.off('SIGTERM', stop).off('SIGINT', stop)
      resolve(signal)
    }
    process.on('SIGTERM', stop).on('SIGINT', stop)
  })
}
