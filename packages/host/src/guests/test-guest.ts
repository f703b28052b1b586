/**
 * A small guest for the tests of the host: it listens on the sockets on which QEMU would, and an agent answers in them.
 * For tests.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Server } from 'node:net'
import { join } from 'node:path'
import { Agent, guestToHost, hostToGuest, silentLog, SocketChannel, systemClock } from '@negotiator/common'
import type { Channel, ChannelName, Link, Role } from '@negotiator/common'
import type { Teardown } from '@negotiator/common/testing'
import { testFolder, testAudit, testJudge, openStartProcess } from '@negotiator/common/testing'

const roles: Readonly<Record<ChannelName, Role>> = { [guestToHost]: 'caller', [hostToGuest]: 'server' }

interface TestGuestOptions {
  readonly test: Teardown
  /** Where its sockets lie; a folder of their own unless told. */
  readonly folder?: string
  /** The channels that it has; both unless told. */
  readonly channels?: readonly ChannelName[]
  /** The folders of its commands; it has none unless told. */
  readonly commands?: readonly string[]
}

/** A guest that runs. */
export class TestGuest {
  readonly sockets: Readonly<Partial<Record<ChannelName, string>>>
  /** Calls the host. */
  readonly link: Link
  /** How often a host has attached to any of its channels. */
  attachedCount = 0
  readonly #agent: Agent
  readonly #servers: readonly Server[]
  readonly #uses = new Set<Promise<unknown>>()
  readonly #stop = new AbortController()

  private constructor({ agent, sockets }: { agent: Agent; sockets: TestGuest['sockets'] }) {
    this.#agent = agent
    this.sockets = sockets
    this.link = agent.addPeer({ name: 'host', caller: { kind: 'host' } })
    this.#servers = ([guestToHost, hostToGuest] as const).flatMap((name) => {
      const path = sockets[name]
      if (path === undefined) return []
      const server = createServer((socket) => this.#serve(roles[name], new SocketChannel(socket, path)))
      return [server.listen(path)]
    })
  }

  /** Starts a guest; it can be connected to from then on. */
  static async start({
    test,
    folder = testFolder(test),
    channels,
    commands = [],
  }: TestGuestOptions): Promise<TestGuest> {
    const heartbeat = { intervalMs: 5_000, deadMs: 15_000 }
    const agent = await Agent.open({
      side: 'guest',
      folders: commands,
      clock: systemClock,
      log: silentLog,
      heartbeat,
      judge: testJudge(),
      audit: testAudit(),
      startProcess: await openStartProcess(),
    })
    const names = channels ?? [guestToHost, hostToGuest]
    const sockets = Object.fromEntries(names.map((name) => [name, join(folder, `${name}.sock`)]))
    const guest = new TestGuest({ agent, sockets })
    test.teardown(async () => await guest.stop())
    for (const server of guest.#servers) if (!server.listening) await once(server, 'listening')
    return guest
  }

  /** Resolves once no host is attached any more. */
  async left(): Promise<void> {
    while (this.#uses.size > 0) await Promise.all(this.#uses)
  }

  /** Runs a command of the host. @returns what it printed */
  async callHost(command: string): Promise<string> {
    await this.#linkIsReady()
    const stream = this.link.open({ ask: 'run', command, args: [], hasStdin: false })
    const chunks: Buffer[] = []
    stream.stdin.end()
    stream.stderr.discard()
    stream.stdout.receive({ bytes: (chunk) => void chunks.push(chunk), end: () => undefined })
    const result = await stream.result
    return result.kind === 'exited' ? Buffer.concat(chunks).toString() : result.kind
  }

  /** Ends the guest and its sockets. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.left()
    for (const server of this.#servers) server.close()
    await this.#agent.close()
  }

  #serve(role: Role, channel: Channel): void {
    this.attachedCount += 1
    const use = this.link.use({ role, channel, signal: this.#stop.signal })
    this.#uses.add(use)
    void use.then(() => this.#uses.delete(use))
  }

  async #linkIsReady(): Promise<void> {
    await new Promise<void>((resolve) => {
      const unsubscribe = this.#agent.subscribe(() => look())
      const look = (): void => {
        if (this.link.state !== 'ready') return
        unsubscribe()
        resolve()
      }
      look()
    })
  }
}
