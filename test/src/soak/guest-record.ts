/**
 * What the guest writes down, line by line, while it happens: over a serial line of its own to this program, so that neither a
 * reboot nor a machine that is set back takes anything of it away.
 *
 * Lines: `daemon NAME` · `made ID TIMEOUT_MS` · `executed ID DAEMON` · `result ID TEXT` · `over`.
 */
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Ledger, Timeline } from './ledger.js'

/** Where the line ends in the guest: the third serial port, for the first two are the machine's. */
export const recordDevice = '/dev/ttyS2'

/** The listening end; each QEMU connects to it. */
export class GuestRecord {
  readonly path: string
  readonly #ledger: Ledger
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #overWaiters = new Set<() => void>()
  #timeline: Timeline = 0

  private constructor(path: string, ledger: Ledger) {
    this.path = path
    this.#ledger = ledger
    this.#server = createServer((socket) => this.#listenTo(socket))
  }

  static async listen(path: string, ledger: Ledger): Promise<GuestRecord> {
    const record = new GuestRecord(path, ledger)
    record.#server.listen(path)
    await once(record.#server, 'listening')
    return record
  }

  /** The arguments that give QEMU such a port. */
  get qemuArguments(): readonly string[] {
    return ['-chardev', `socket,id=record,path=${this.path}`, '-serial', 'chardev:record']
  }

  /** Machines that are started from now on live in this timeline. */
  set nextTimeline(timeline: Timeline) {
    this.#timeline = timeline
  }

  /** Resolves when the guest's caller says that its calls are over. */
  async over(): Promise<void> {
    await new Promise<void>((resolve) => this.#overWaiters.add(resolve))
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #listenTo(socket: Socket): void {
    const timeline = this.#timeline
    this.#sockets.add(socket)
    // A QEMU that is killed resets it.
    socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket))
    const lines = createInterface({ input: socket, crlfDelay: Infinity })
    lines.on('error', () => undefined).on('line', (line) => this.#keep(line.trim().split(' '), timeline))
  }

  #keep([what, id = '', ...rest]: readonly string[], timeline: Timeline): void {
    const ledger = this.#ledger
    const atMs = Date.now()
    const text = rest.join(' ')
    switch (what) {
      case 'daemon':
        // One that is started once more by a machine that was set back is another one by then.
        return void ledger.daemonStarts.set(id, ledger.daemonStarts.get(id) ?? atMs)
      case 'made':
        return void ledger.calls.push({
          id,
          direction: 'guest-to-host',
          atMs,
          timeoutMs: Number(text),
          timeline,
        })
      case 'executed':
        return void ledger.executions.push({ id, atMs, timeline, daemon: text })
      case 'result':
        return void ledger.results.push({ id, atMs, timeline, text })
      case 'over':
        for (const resolve of this.#overWaiters) resolve()
        return this.#overWaiters.clear()
      case undefined:
      default:
        // A line that a reboot cut; what it told is missed by the checks if it mattered.
        ledger.events.push(
          `${new Date(atMs).toISOString()} the guest's record has: ${[what, id, text].join(' ')}`,
        )
    }
  }
}
