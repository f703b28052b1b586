/**
 * A host's daemon and a guest's, joined by channels in memory, each with a command folder of its own.
 * Floor 7, for tests.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Judge } from '../call/judge.js'
import type { Directory } from '../call/peer.js'
import { testAudit, testJudge } from '../call/test-judge.js'
import { systemClock } from '../clock.js'
import type { Clock } from '../clock.js'
import { heartbeatDeadMs, heartbeatIntervalMs } from '../limits.js'
import { silentLog } from '../log.js'
import { openStartProcess } from '../process/open-start-process.js'
import { testFolder } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'
import { Agent } from './agent.js'
import type { Link } from './link.js'
import type { Side } from './paths.js'
import { channelCable, plugIn } from './test-links.js'

const heartbeat = { intervalMs: heartbeatIntervalMs, deadMs: heartbeatDeadMs }

/** One daemon and its command folder. */
export interface TestAgent {
  readonly agent: Agent
  readonly folder: string
  readonly audit: ReturnType<typeof testAudit>
}

/** Opens a daemon without peers; it is closed when the test is over. */
export async function testAgent(
  test: Teardown,
  { side, clock = systemClock, judge = testJudge() }: { side: Side; clock?: Clock; judge?: Judge },
): Promise<TestAgent> {
  const folder = join(testFolder(test), 'commands')
  mkdirSync(folder, { mode: 0o755 })
  const audit = testAudit()
  const agent = await Agent.open({
    ...{ side, folders: [folder], clock, log: silentLog, heartbeat, judge, audit },
    startProcess: await openStartProcess(),
  })
  test.teardown(async () => await agent.close())
  return { agent, folder, audit }
}

/** Both daemons, ready for each other. */
export interface JoinedAgents {
  readonly host: TestAgent
  readonly guest: TestAgent
  /** The host's link to the guest. */
  readonly toGuest: Link
  /** The guest's link to its host. */
  readonly toHost: Link
  /** Closes the channels between them. */
  readonly unplug: () => Promise<void>
}

interface JoinOptions {
  readonly clock?: Clock
  /** The guest's name; `web1` unless given. */
  readonly name?: string
  readonly uuid?: string
  /** A host that there is already. */
  readonly host?: TestAgent
  /** The guest's judge; one that allows everything unless given. */
  readonly guestJudge?: Judge
}

/** Joins a guest to a host, and waits until each knows the other's commands. */
export async function joinedAgents(test: Teardown, options: JoinOptions = {}): Promise<JoinedAgents> {
  const { clock = systemClock, name = 'web1', uuid } = options
  const host = options.host ?? (await testAgent(test, { side: 'host', clock }))
  const { guestJudge: judge = testJudge() } = options
  const guest = await testAgent(test, { side: 'guest', clock, judge })
  const toGuest = host.agent.addPeer({ name, uuid, caller: { kind: 'guest', name, uuid } })
  const toHost = guest.agent.addPeer({ name: 'host', caller: { kind: 'host' } })
  const cable = channelCable()
  const leave = [plugIn(toGuest, { cable, end: 'host' }), plugIn(toHost, { cable, end: 'guest' })]
  const unplug = async (): Promise<void> => void (await Promise.all(leave.map(async (plug) => await plug())))
  test.teardown(unplug)
  await untilSeen(host.agent, () => toGuest.commands !== undefined)
  await untilSeen(guest.agent, () => toHost.commands !== undefined)
  return { host, guest, toGuest, toHost, unplug }
}

/** Waits until something that a directory tells of is so. */
export async function untilSeen(directory: Directory, isSo: () => boolean): Promise<void> {
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (!isSo()) return
      unsubscribe()
      resolve()
    }
    const unsubscribe = directory.subscribe(look)
    look()
  })
}
