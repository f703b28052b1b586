/**
 * A side that serves commands and a side that calls them, over a session between two real peers.
 * Floor 5, for tests. The clock stands still unless the test moves it; the commands are real processes.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../log.js'
import { silentLog } from '../log.js'
import { openStartProcess } from '../process/open-start-process.js'
import { Registry } from '../registry/registry.js'
import type { CallingStream } from '../session/calling-stream.js'
import { readLane, sessionPair } from '../session/session-pair.js'
import type { LaneText, SessionPair } from '../session/session-pair.js'
import { testFolder } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'
import type { RunRequest } from '../wire/request.js'
import type { Caller } from '../policy/caller.js'
import { Dispatcher } from './dispatcher.js'
import type { Judge } from './judge.js'
import type { Peer } from './peer.js'
import { testAudit, testJudge } from './test-judge.js'

/** A call with its outputs so far. */
export interface ReadCall {
  readonly stream: CallingStream
  readonly stdout: LaneText
  readonly stderr: LaneText
}

/** Two peers, one of which serves the commands in a folder. */
export interface ServedPair {
  readonly pair: SessionPair
  readonly registry: Registry
  readonly dispatcher: Dispatcher
  /** The command folder. */
  readonly folder: string
  readonly audit: ReturnType<typeof testAudit>
  /** Starts a call and reads both of its outputs. */
  readonly run: (request: Partial<RunRequest> & { readonly command: string }) => ReadCall
}

interface ServedPairOptions {
  readonly caller?: Caller
  readonly log?: Log
  /** `host` unless given. */
  readonly side?: 'host' | 'guest'
  /** One that allows everything unless given. */
  readonly judge?: Judge
  /** Nobody unless given. */
  readonly peers?: readonly Peer[]
}

/** Makes the two; they are closed when the test is over. */
export async function servedPair(
  test: Teardown,
  {
    caller = { kind: 'host' },
    log = silentLog,
    side = 'host',
    judge = testJudge(),
    peers = [],
  }: ServedPairOptions = {},
): Promise<ServedPair> {
  const folder = join(testFolder(test), 'commands')
  mkdirSync(folder, { mode: 0o755 })
  const registry = await Registry.open({ folders: [folder], log: silentLog })
  const pair = await sessionPair()
  const audit = testAudit()
  const directory = { peers: () => peers, subscribe: () => () => undefined }
  const dispatcher = new Dispatcher({
    ...{ side, registry, judge, audit, directory, log },
    clock: pair.clock,
    startProcess: await openStartProcess(),
  })
  pair.server.onCall = (stream) => {
    const { request } = stream
    if (caller.kind !== 'program') dispatcher.serve(stream, caller)
    else if (request.ask === 'run') dispatcher.serveProgram(stream, { request, program: caller })
  }
  test.teardown(async () => {
    // A watch that is left would keep the whole file from ending.
    await registry.close()
    await dispatcher.close()
    await pair.close()
  })
  const run: ServedPair['run'] = (request) => {
    const stream = pair.caller.session.open({ ask: 'run', args: [], hasStdin: false, ...request })
    return { stream, stdout: readLane(stream.stdout), stderr: readLane(stream.stderr) }
  }
  return { pair, registry, dispatcher, folder, audit, run }
}

/**
 * Waits until a lane has brought a text.
 * @throws {Error} when it ends without
 */
export async function untilRead(lane: LaneText, text: string): Promise<void> {
  while (!lane.text.includes(text)) {
    if (lane.isEnded) throw new Error(`"${text}" never came, but "${lane.text}"`)
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}
