/**
 * Where the files of machines lie that the qemu driver runs: sockets below /run, and what outlives a reboot beside the daemon's state.
 * Pure. A uuid is a folder's name everywhere, for a machine may be renamed.
 */
import { dirname, join } from 'node:path'

/** The folder of the guests' sockets. */
export function socketsFolder(root: string): string {
  return join(root, 'run/negotiator-guests')
}

/** The folder of what is kept of machines. */
export function machinesFolder(stateFolder: string): string {
  return join(stateFolder, 'machines')
}

/** Where one machine's files lie. */
export interface MachinePlaces {
  /** Holds its sockets and its journal: what is of no use once its process is gone. */
  readonly socketFolder: string
  readonly hostToGuest: string
  readonly guestToHost: string
  /** Its monitor, which serves one client at a time. */
  readonly monitor: string
  /** Its journal's files, without their endings. */
  readonly journal: string
  /** Holds what outlives a reboot. */
  readonly keptFolder: string
  /** Its memory, when it is suspended. */
  readonly memory: string
}

/** Names are short, for a socket's path takes 107 bytes at most. */
export function placesOf(
  uuid: string,
  { root, stateFolder }: { root: string; stateFolder: string },
): MachinePlaces {
  const socketFolder = join(socketsFolder(root), uuid)
  const keptFolder = join(machinesFolder(stateFolder), uuid)
  return {
    socketFolder,
    hostToGuest: join(socketFolder, 'h2g.sock'),
    guestToHost: join(socketFolder, 'g2h.sock'),
    monitor: join(socketFolder, 'qmp.sock'),
    journal: join(socketFolder, 'events'),
    keptFolder,
    memory: join(keptFolder, 'memory'),
  }
}

/**
 * The journal of a machine whose monitor lies where ours do, below whichever root.
 * @returns `undefined` when it lies elsewhere: somebody else started that machine
 */
export function journalBeside(monitor: string, uuid: string): string | undefined {
  const folder = dirname(monitor)
  const places = placesOf(uuid, { root: join(folder, '../../..'), stateFolder: '/' })
  return places.monitor === monitor ? places.journal : undefined
}
