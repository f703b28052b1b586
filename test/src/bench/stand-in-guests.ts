/**
 * Guests that are nothing but their end of the wire, in this process: for a host's daemon they are as good as machines.
 *
 * Each answers whatever it is called with the same word. They listen on sockets in a folder of their own, as QEMU would.
 */
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Server } from 'node:net'
import { join } from 'node:path'
import {
  guestToHost,
  hostToGuest,
  localHello,
  silentLog,
  SocketChannel,
  systemClock,
} from '@negotiator/common'
import type { Role } from '@negotiator/common'
import { Endpoint, heartbeatDeadMs, heartbeatIntervalMs, newCounters } from '@negotiator/common/testing'
import type { ServingStream } from '@negotiator/common/testing'

/** What every call is answered. */
export const standInAnswer = 'here\n'

/** Any command of a stand-in. */
export const standInCommand = 'answer'

/** The name of one of them. */
export function standInName(index: number): string {
  return `guest${index}`
}

type LocalHello = Awaited<ReturnType<typeof localHello>>

/** Many guests. */
export class StandInGuests {
  /** What the folder driver watches. */
  readonly folder: string
  readonly #servers: Server[] = []
  readonly #endpoints = new Set<Endpoint>()

  private constructor(folder: string) {
    this.folder = folder
  }

  /** @param options.folder will be made; its path is short, for sockets lie two below it */
  static async start({ folder, count }: { folder: string; count: number }): Promise<StandInGuests> {
    const guests = new StandInGuests(folder)
    await mkdir(folder, { recursive: true })
    for (let index = 0; index < count; index += 1) await guests.#add(join(folder, standInName(index)))
    return guests
  }

  /** Leaves all channels. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const endpoint of this.#endpoints) endpoint.close()
    for (const server of this.#servers) {
      const closed = once(server, 'close')
      server.close()
      await closed
    }
  }

  async #add(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true })
    const hello = await localHello('guest')
    await this.#listen({ path: join(folder, `${hostToGuest}.sock`), role: 'server', hello })
    await this.#listen({ path: join(folder, `${guestToHost}.sock`), role: 'caller', hello })
  }

  async #listen({ path, role, hello }: { path: string; role: Role; hello: LocalHello }): Promise<void> {
    const server = createServer({ pauseOnConnect: true }, (socket) => {
      const endpoint: Endpoint = new Endpoint({
        channel: new SocketChannel(socket, path),
        role,
        hello,
        clock: systemClock,
        log: silentLog,
        counters: newCounters(),
        heartbeat: { intervalMs: heartbeatIntervalMs, deadMs: heartbeatDeadMs },
        listener: {
          session: () => undefined,
          call: answer,
          sessionEnded: () => undefined,
          refused: () => undefined,
          closed: () => void this.#endpoints.delete(endpoint),
        },
      })
      this.#endpoints.add(endpoint)
      endpoint.start()
    })
    this.#servers.push(server)
    server.listen(path)
    await once(server, 'listening')
  }
}

function answer(call: ServingStream): void {
  if (call.request.ask === 'run') {
    call.stdout.write(Buffer.from(standInAnswer))
    call.finish({ kind: 'exited', code: 0 })
    return
  }
  // Whoever asks for the commands is told them, and then waits for changes.
  call.stdout.write(
    Buffer.from(`${JSON.stringify({ commands: [{ name: standInCommand, kind: 'executable' }] })}\n`),
  )
  call.listen({
    stop: () => call.finish({ kind: 'cancelled', reason: 'the caller left' }),
    signal: () => undefined,
  })
}
