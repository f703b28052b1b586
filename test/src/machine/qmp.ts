/**
 * Talks to QEMU's monitor over one connection: commands with their answers, in JSON lines.
 *
 * Events are for whoever asked for them; this file knows none by name.
 *
 * @see https://www.qemu.org/docs/master/interop/qmp-spec.html
 */
import type { Duplex } from 'node:stream'
import { createInterface } from 'node:readline'

/** What QEMU tells unasked. */
export interface QmpEvent {
  readonly name: string
  readonly detail: unknown
}

interface Command {
  readonly name: string
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

const commandTimeoutMs = 30_000

/** One monitor. */
export class QmpConnection {
  readonly #socket: Duplex
  readonly #pending = new Map<number, Command>()
  readonly #listeners = new Set<(event: QmpEvent) => void>()
  #lastId = 0

  /** @param socket connected to a monitor in control mode; this connection uses it alone */
  constructor(socket: Duplex) {
    this.#socket = socket
    const lines = createInterface({ input: socket, crlfDelay: Infinity })
    lines.on('line', (line) => this.#receive(line))
    socket.on('close', () => this.#rejectAll())
    // It repeats the socket's errors, which the close event follows.
    lines.on('error', () => {})
  }

  /** Leaves the negotiation that every monitor begins in; no command is taken before. */
  async open(): Promise<void> {
    await this.execute('qmp_capabilities')
  }

  /**
   * @param args as the command's documentation has them
   * @returns what the command returns, unparsed
   * @throws Error with QEMU's own words when it refuses, or when QEMU is gone or silent
   */
  async execute(name: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    if (this.#socket.destroyed) throw failure(name, 'QEMU is gone')
    this.#lastId += 1
    const id = this.#lastId
    const answer = new Promise<unknown>((resolve, reject) => this.#pending.set(id, { name, resolve, reject }))
    const timer = setTimeout(
      () => this.#take(id)?.reject(failure(name, 'QEMU does not answer')),
      commandTimeoutMs,
    )
    this.#socket.write(`${JSON.stringify({ execute: name, arguments: args, id })}\n`)
    try {
      return await answer
    } finally {
      clearTimeout(timer)
    }
  }

  /** @returns undoes it */
  onEvent(listener: (event: QmpEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #receive(line: string): void {
    const message: unknown = JSON.parse(line)
    if (!isObject(message)) return
    const { event, id } = message
    if (typeof event === 'string') {
      for (const listener of this.#listeners) listener({ name: event, detail: message['data'] })
    }
    if (typeof id !== 'number') return
    const command = this.#take(id)
    if ('error' in message) command?.reject(failure(command.name, describe(message['error'])))
    else command?.resolve(message['return'])
  }

  #take(id: number): Command | undefined {
    const command = this.#pending.get(id)
    this.#pending.delete(id)
    return command
  }

  #rejectAll(): void {
    for (const id of [...this.#pending.keys()]) {
      const command = this.#take(id)
      command?.reject(failure(command.name, 'QEMU is gone'))
    }
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function describe(error: unknown): string {
  return isObject(error) && typeof error['desc'] === 'string' ? error['desc'] : JSON.stringify(error)
}

function failure(name: string, why: string): Error {
  return new Error(`Cannot execute ${name} in QEMU's monitor: ${why}`)
}
