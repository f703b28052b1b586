/**
 * The program negotiator-host, however it is packed.
 */
import {
  findOnce,
  openStackCommand,
  processOutput,
  processTerminal,
  returnFreedMemory,
  returnStartPages,
  runProgram,
  systemClock,
} from '@negotiator/common/program'
import type { Config, Koffi, Log, RunningDaemon, Shipped, StartDaemon } from '@negotiator/common'
import { attachCommand, detachCommand } from './attach-command.js'
import { doctorCommand } from './doctor-command.js'
import { driverCommand } from './driver-command.js'
import { guestCommand } from './guest-command.js'

interface DaemonNeeds {
  readonly config: Config
  readonly log: Log
}

/** What lies in another place in each package. */
export interface Parts {
  /** What comes with the program. Asked when a daemon is started. */
  readonly shipped: (needs: DaemonNeeds) => Promise<Shipped>
  /** Where the shipped policy lies, for whoever only looks at it: no daemon's files are changed for that. */
  readonly shippedPolicy: (needs: DaemonNeeds) => Promise<string | undefined>
  /** How koffi is had. */
  readonly findKoffi: (needs: DaemonNeeds) => Promise<Koffi>
}

/** Runs the program with this process's arguments, and sets the exit status. */
export async function runHostProgram({ shipped, shippedPolicy, findKoffi }: Parts): Promise<void> {
  // Loaded when a daemon is wanted: the other subcommands start faster without it.
  const startDaemon: StartDaemon = async (needs): Promise<RunningDaemon> => {
    const { startHostDaemon } = await import('../daemon.js')
    const found = findOnce(async () => await findKoffi(needs))
    const daemon = await startHostDaemon({
      ...needs,
      shipped: await shipped(needs),
      clock: systemClock,
      findKoffi: found,
    })
    // That it is missing, and what that costs, is said by those who need it more.
    found()
      .then(async (koffi) => {
        returnFreedMemory(koffi)
        await returnStartPages(koffi)
      })
      .catch(() => undefined)
    return daemon
  }
  process.exitCode = await runProgram(
    {
      side: 'host',
      startDaemon,
      terminal: processTerminal,
      output: processOutput,
      isInteractive: process.stdin.isTTY,
      shippedPolicy,
      subcommands: [
        ...[attachCommand, detachCommand, doctorCommand],
        ...[driverCommand, guestCommand, openStackCommand],
      ],
    },
    process.argv.slice(2),
  )
  // An open standard input would keep the process alive after the command has ended.
  process.stdin.destroy()
}
