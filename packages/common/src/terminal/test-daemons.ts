/**
 * A host's daemon and a guest's, joined, one of them with its control socket.
 * Floor 8, for tests.
 */
import { localHello } from '../agent/local-hello.js'
import { pathsBelow } from '../agent/paths.js'
import type { Side } from '../agent/paths.js'
import { joinedAgents } from '../agent/test-agents.js'
import type { JoinedAgents } from '../agent/test-agents.js'
import { systemClock } from '../clock.js'
import { Answers } from '../control/answers.js'
import { Client } from '../control/client.js'
import { ControlServer } from '../control/server.js'
import { heartbeatDeadMs, heartbeatIntervalMs } from '../limits.js'
import { silentLog } from '../log.js'
import { testFolder } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'

const heartbeat = { intervalMs: heartbeatIntervalMs, deadMs: heartbeatDeadMs }

/** Both daemons; local programs reach one of them. */
export interface TestDaemons extends JoinedAgents {
  /** What `--root` takes. */
  readonly root: string
  /** The control socket. */
  readonly path: string
  readonly server: ControlServer
  /** Connects one more program; it is closed when the test is over. */
  readonly connect: () => Promise<Client>
}

/** Starts both, with the guest `web1`; the host's has the control socket unless `side` says otherwise. */
export async function testDaemons(test: Teardown, side: Side = 'host'): Promise<TestDaemons> {
  const agents = await joinedAgents(test, { name: 'web1', uuid: '6d1f' })
  const { agent } = agents[side]
  const root = testFolder(test)
  const path = pathsBelow(root, side).controlSocket
  const status = (): Readonly<Record<string, unknown>> => ({ ...agent.status(), ...server.status() })
  const answers = new Answers({ directory: agent, clock: systemClock, status })
  const server: ControlServer = await ControlServer.listen({
    path,
    hello: agent.hello,
    clock: systemClock,
    log: silentLog,
    heartbeat,
    answer: (stream, caller) => answers.answer(stream, caller),
  })
  test.teardown(async () => await server.close())
  const connect = async (): Promise<Client> => {
    const client = await Client.connect({ path, hello: await localHello('program') })
    test.teardown(() => client.close())
    return client
  }
  return { ...agents, root, path, server, connect }
}
