/**
 * A small host for the tests of the guest's daemon: one agent, one link, over the sockets on which the daemon listens.
 * For tests.
 */
import { join } from 'node:path'
import { Agent, connectSocket, guestToHost, hostToGuest, silentLog, systemClock } from '@negotiator/common'
import { testAudit, testJudge, openStartProcess } from '@negotiator/common/testing'
import type { Channel, Link } from '@negotiator/common'

interface TestHostOptions {
  /** Where the daemon's channel sockets lie. */
  readonly channels: string
  /** The host's commands. */
  readonly commands: string
}

/** A host that is attached to one guest. */
export class TestHost {
  readonly link: Link
  readonly #agent: Agent
  readonly #leave = new AbortController()
  readonly #uses: readonly Promise<unknown>[]

  private constructor({ agent, link, channels }: { agent: Agent; link: Link; channels: readonly Channel[] }) {
    this.#agent = agent
    this.link = link
    const { signal } = this.#leave
    this.#uses = (['caller', 'server'] as const).flatMap((role, index) => {
      const channel = channels[index]
      return channel === undefined ? [] : [link.use({ role, channel, signal })]
    })
  }

  /** Attaches to both channels. */
  static async attach({ channels, commands }: TestHostOptions): Promise<TestHost> {
    const heartbeat = { intervalMs: 5_000, deadMs: 15_000 }
    const agent = await Agent.open({
      side: 'host',
      folders: [commands],
      clock: systemClock,
      log: silentLog,
      heartbeat,
      judge: testJudge(),
      audit: testAudit(),
      startProcess: await openStartProcess(),
    })
    const link = agent.addPeer({ name: 'web1', caller: { kind: 'guest', name: 'web1' } })
    const sockets = [hostToGuest, guestToHost].map((name) => join(channels, `${name}.sock`))
    const connected = await Promise.all(sockets.map(async (path) => await connectSocket({ path })))
    return new TestHost({ agent, link, channels: connected })
  }

  /** Waits until the guest can be called. */
  async ready(): Promise<void> {
    await this.#until(() => this.link.state === 'ready')
  }

  /** Waits until the guest has left both channels. */
  async left(): Promise<void> {
    await Promise.all(this.#uses)
  }

  /** Leaves the guest. */
  async close(): Promise<void> {
    this.#leave.abort()
    await this.left()
    await this.#agent.close()
  }

  async #until(isSo: () => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!isSo()) return
        unsubscribe()
        resolve()
      }
      const unsubscribe = this.#agent.subscribe(look)
      look()
    })
  }
}
