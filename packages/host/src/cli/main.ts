/**
 * The program negotiator-host.
 */
import { join } from 'node:path'
import { processOutput, processTerminal, runProgram, systemClock } from '@negotiator/common'
import type { RunningDaemon, StartDaemon } from '@negotiator/common'
import { attachCommand, detachCommand } from './attach-command.js'

/** Beside the bundle: the build copies them there. */
const shippedFolders = ['host', 'both'].map((folder) => join(import.meta.dirname, '../commands', folder))

/** Loaded when a daemon is wanted: the other subcommands start faster without it. */
const startDaemon: StartDaemon = async ({ config, log }): Promise<RunningDaemon> => {
  const { startHostDaemon } = await import('../daemon.js')
  return await startHostDaemon({ config, log, shippedFolders, clock: systemClock })
}

process.exitCode = await runProgram(
  {
    side: 'host',
    startDaemon,
    terminal: processTerminal,
    output: processOutput,
    isInteractive: process.stdin.isTTY,
    subcommands: [attachCommand, detachCommand],
  },
  process.argv.slice(2),
)
// An open standard input would keep the process alive after the command has ended.
process.stdin.destroy()
