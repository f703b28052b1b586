/**
 * The program negotiator-guest, however it is packed.
 */
import {
  findOnce,
  kernelFolders,
  processOutput,
  processTerminal,
  runProgram,
  systemClock,
} from '@negotiator/common'
import type { Config, Koffi, Log, RunningDaemon, StartDaemon } from '@negotiator/common'
import { doctorCommand } from './doctor-command.js'

interface DaemonNeeds {
  readonly config: Config
  readonly log: Log
}

/** What lies in another place in each package. */
export interface Parts {
  /** The folders with the shipped commands. Asked when a daemon is started. */
  readonly shippedFolders: (needs: DaemonNeeds) => Promise<readonly string[]>
  /** How koffi is had. */
  readonly findKoffi: (needs: DaemonNeeds) => Promise<Koffi>
}

/** Runs the program with this process's arguments, and sets the exit status. */
export async function runGuestProgram({ shippedFolders, findKoffi }: Parts): Promise<void> {
  // Loaded when a daemon is wanted: the other subcommands start faster without it.
  const startDaemon: StartDaemon = async (needs): Promise<RunningDaemon> => {
    const { startGuestDaemon } = await import('../daemon.js')
    return await startGuestDaemon({
      ...needs,
      shippedFolders: await shippedFolders(needs),
      clock: systemClock,
      devices: kernelFolders,
      findKoffi: findOnce(async () => await findKoffi(needs)),
    })
  }
  process.exitCode = await runProgram(
    {
      side: 'guest',
      startDaemon,
      terminal: processTerminal,
      output: processOutput,
      isInteractive: process.stdin.isTTY,
      subcommands: [doctorCommand],
    },
    process.argv.slice(2),
  )
  // An open standard input would keep the process alive after the command has ended.
  process.stdin.destroy()
}
