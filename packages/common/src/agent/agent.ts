/**
 * One machine's daemon without its doors: its commands, its peers, and who it says it is.
 * Floor 7. The host has one link a guest, the guest one to its host.
 */
import type { CallTally } from '../call/call-tally.js'
import type { Audit } from '../call/audit.js'
import type { IncomingCall } from '../call/call.js'
import type { Judge } from '../call/judge.js'
import type { Caller, LocalProgram } from '../policy/caller.js'
import { Dispatcher } from '../call/dispatcher.js'
import type { Directory, Peer, PeerState } from '../call/peer.js'
import type { Clock } from '../clock.js'
import type { Log } from '../log.js'
import type { StartProcess } from '../process/started-process.js'
import { Registry } from '../registry/registry.js'
import type { LocalHello } from '../session/handshake.js'
import type { HeartbeatTimes } from '../session/heartbeat.js'
import { version } from '../version.js'
import type { RunRequest } from '../wire/request.js'
import { Link } from './link.js'
import { localHello } from './local-hello.js'
import type { Side } from './paths.js'

interface AgentOptions {
  readonly side: Side
  /** Command folders in search order. */
  readonly folders: readonly string[]
  readonly clock: Clock
  readonly log: Log
  readonly heartbeat: HeartbeatTimes
  /** Decides who may call what. */
  readonly judge: Judge
  /** Takes a record of each call. */
  readonly audit: Audit
  /** How this machine starts processes. */
  readonly startProcess: StartProcess
}

/** Whom a link leads to. */
export interface PeerIdentity {
  readonly name: string
  readonly uuid?: string | undefined
  readonly caller: Caller
  /** Hears its state whenever that may have changed. */
  readonly onState?: (state: PeerState) => void
}

/** One side's commands and links. */
export class Agent implements Directory {
  readonly hello: LocalHello
  readonly #options: AgentOptions
  readonly #registry: Registry
  readonly #dispatcher: Dispatcher
  readonly #links = new Set<Link>()
  readonly #subscribers = new Set<() => void>()

  private constructor(options: AgentOptions, { registry, hello }: { registry: Registry; hello: LocalHello }) {
    this.#options = options
    this.#registry = registry
    this.hello = hello
    this.#dispatcher = new Dispatcher({ ...options, registry, directory: this })
  }

  /** @throws {SystemError} `command-folder-unreadable` */
  static async open(options: AgentOptions): Promise<Agent> {
    const registry = await Registry.open({ folders: options.folders, log: options.log })
    return new Agent(options, { registry, hello: await localHello(options.side) })
  }

  /** Adds a peer; give it channels through the link. */
  addPeer({ name, uuid, caller, onState }: PeerIdentity): Link {
    const { clock, log, heartbeat, judge } = this.#options
    const link: Link = new Link({
      name,
      uuid,
      caller,
      clock,
      log,
      heartbeat,
      hello: this.hello,
      serve: (stream, from) => this.#dispatcher.serve(stream, this.#known(from)),
      // A host is never shut out: what other guests call comes through it, too.
      isDenied: () => caller.kind === 'guest' && judge.isShutOut(caller),
      line: () => this.#dispatcher.lineOf(this.#known(caller)),
      onChange: () => {
        onState?.(link.state)
        this.#tell()
      },
    })
    this.#links.add(link)
    this.#tell()
    return link
  }

  /** Forgets a peer whose channels are closed. */
  removePeer(link: Link): void {
    this.#links.delete(link)
    this.#tell()
  }

  /** Serves a call of a peer that came through another protocol. */
  servePeer(call: IncomingCall, caller: Caller): void {
    this.#dispatcher.serve(call, this.#known(caller))
  }

  /** Serves a local program that runs a command on a peer. */
  serveProgram(call: IncomingCall, needs: { request: RunRequest; program: LocalProgram }): void {
    this.#dispatcher.serveProgram(call, needs)
  }

  /** A name that two guests have names neither: they are known by their uuids until one of them is renamed. */
  #known(caller: Caller): Caller {
    if (caller.kind !== 'guest') return caller
    const twins = [...this.#links].filter(({ name }) => name === caller.name)
    if (twins.length < 2) return caller
    return { ...caller, name: caller.uuid ?? `${caller.name} (one of ${twins.length})` }
  }

  peers(): readonly Peer[] {
    return [...this.#links].sort((one, other) => (one.name < other.name ? -1 : 1))
  }

  subscribe(subscriber: () => void): () => void {
    this.#subscribers.add(subscriber)
    return () => void this.#subscribers.delete(subscriber)
  }

  /** The calls that are over. */
  get tally(): CallTally {
    return this.#dispatcher.tally
  }

  /** The daemon's own facts for `status`. */
  status(): Readonly<Record<string, unknown>> {
    const { commands, refused } = this.#registry.set
    return {
      side: this.#options.side,
      version,
      instance: this.hello.instance,
      processId: process.pid,
      residentBytes: residentBytes(),
      commands: [...commands.keys()],
      refused,
      calls: this.tally.tallied,
    }
  }

  /** Stops watching the command folders, and ends loaded modules; links are closed by whoever gave them channels. */
  async close(): Promise<void> {
    this.#subscribers.clear()
    await this.#dispatcher.close()
    await this.#registry.close()
  }

  #tell(): void {
    for (const subscriber of [...this.#subscribers]) subscriber()
  }
}

/** The kernel tells by /proc/self, which a confined daemon may not see. */
function residentBytes(): number | undefined {
  try {
    return process.memoryUsage.rss()
  } catch {
    return undefined
  }
}
