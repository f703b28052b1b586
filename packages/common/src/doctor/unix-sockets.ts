/**
 * Who listens on a UNIX socket and who is attached to it, without touching it: a socket of QEMU serves one client, and
 * connecting to find out would queue behind it, or take its place.
 * Floor 8. The kernel tells the two ends of a connection apart only by netlink, which `ss` of iproute2 speaks.
 */
import type { Processes, RunningProcess } from './processes.js'

/** What goes on at a socket's path. */
export interface SocketUse {
  /** Whether anybody listens; a socket of a dead process is a file that nobody listens on. */
  readonly isListening: boolean
  /** Who listens, as far as we may see. */
  readonly listeners: readonly RunningProcess[]
  readonly clients: readonly SocketClient[]
  /** Clients that were not let in yet; who they are cannot be told. */
  readonly waitingCount: number
}

/** Somebody who is attached. */
export interface SocketClient {
  /** Empty when it may not be seen: another user's, and we are not root. */
  readonly processes: readonly RunningProcess[]
}

/** One line of `ss`. */
interface Socket {
  readonly state: string
  readonly waitingCount: number
  readonly path: string
  readonly inode: string
  readonly peerInode: string
}

/** All UNIX sockets of this machine at one moment. */
export class UnixSockets {
  readonly #sockets: readonly Socket[]
  readonly #processes: Processes

  private constructor({ sockets, processes }: { sockets: readonly Socket[]; processes: Processes }) {
    this.#sockets = sockets
    this.#processes = processes
  }

  /**
   * Reads them.
   * @param needs the `program`, `ss` unless a test gives another
   * @returns a sentence when they cannot be had
   */
  static async read({
    processes,
    program = 'ss',
  }: {
    processes: Processes
    program?: string
  }): Promise<UnixSockets | string> {
    // Loaded when it is needed: programs start faster without it.
    const { execa } = await import('execa')
    const result = await execa(program, ['-x', '-a', '-n', '-H'], {
      reject: false,
      timeout: 10_000,
      env: { LC_ALL: 'C' },
    })
    if (result.failed)
      return result.code === 'ENOENT' ? `${program} is not installed` : (result.shortMessage ?? 'it failed')
    return new UnixSockets({ sockets: result.stdout.split('\n').flatMap(parseLine), processes })
  }

  /** What goes on at a path. */
  async at(path: string): Promise<SocketUse> {
    const here = this.#sockets.filter((socket) => socket.path === path)
    const listening = here.filter(({ state }) => state === 'LISTEN')
    const attached = here.filter(({ state }) => state === 'ESTAB')
    const listeners = await Promise.all(listening.map(async ({ inode }) => await this.#openersOf(inode)))
    const clients = await Promise.all(
      attached.map(async ({ peerInode }) => ({ processes: await this.#openersOf(peerInode) })),
    )
    return {
      isListening: listening.length > 0,
      listeners: listeners.flat(),
      clients,
      waitingCount: listening.reduce((sum, socket) => sum + socket.waitingCount, 0),
    }
  }

  async #openersOf(inode: string): Promise<readonly RunningProcess[]> {
    return await this.#processes.openersOf(`socket:[${inode}]`)
  }
}

/** `u_str ESTAB 0 0 PATH INODE PEER PEER-INODE`; a path may hold blanks. */
const linePattern = /^u_\w+\s+(\S+)\s+(\d+)\s+\d+\s+(\S.*?)\s+(\d+)\s+\S+\s+(\d+)\s*$/

function parseLine(line: string): readonly Socket[] {
  const [, state, waiting, path, inode, peerInode] = linePattern.exec(line) ?? []
  if (state === undefined || path === undefined || inode === undefined || peerInode === undefined) return []
  return [{ state, waitingCount: Number(waiting), path, inode, peerInode }]
}
