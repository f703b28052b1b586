/**
 * Small pieces of a host for the tests of drivers: a folder, sockets, a log that remembers, a change to wait for.
 * Whatever is made is gone when its test is over.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { createLog } from '@negotiator/common'
import type { Log } from '@negotiator/common'
import type { Teardown } from '@negotiator/common/testing'

interface TestSocket {
  readonly test: Teardown
  readonly path: string
  /** Serves a client; clients are left alone unless told. */
  readonly serve?: (client: Socket) => void
}

/** Listens on a UNIX socket. */
export async function testSocket({ test, path, serve = () => undefined }: TestSocket): Promise<void> {
  const clients = new Set<Socket>()
  const server = createServer((client) => {
    clients.add(client)
    client.on('error', () => undefined) // Our side of it is under test, not this one.
    serve(client)
  })
  test.teardown(() => {
    for (const client of clients) client.destroy()
    server.close()
  })
  server.listen(path)
  await once(server, 'listening')
}

/** Makes a log whose lines a test reads. */
export function testLog(): { readonly log: Log; readonly lines: readonly string[] } {
  const lines: string[] = []
  return { log: createLog({ level: 'debug', format: 'text', write: (line) => lines.push(line) }), lines }
}

/** Changes as a test awaits them. */
export class AwaitedChanges {
  #count = 0
  #wake: () => void = () => undefined

  get count(): number {
    return this.#count
  }

  /** For `watch`. */
  readonly onChange = (): void => {
    this.#count += 1
    this.#wake()
  }

  /** Waits until there have been more than so many. */
  async moreThan(count: number): Promise<void> {
    while (this.#count <= count) await new Promise<void>((resolve) => (this.#wake = resolve))
  }
}
