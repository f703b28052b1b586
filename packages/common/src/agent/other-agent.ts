/**
 * Another agent in a peer's machine, spoken with in its own protocol: asked for what it can, while our own daemon is not there.
 * Floor 7.
 */
import type { OutgoingCall } from '../call/call.js'
import type { CatalogueEntry } from '../call/catalogue.js'
import type { PeerState } from '../call/peer.js'
import type { Clock } from '../clock.js'
import { AskedCall } from '../dialects/asked-call.js'
import type { AskableAgent } from '../dialects/dialect.js'
import type { RunRequest } from '../wire/request.js'
import { cannotCall } from './not-callable.js'

interface OtherAgentOptions {
  /** The peer's name as our side knows it. */
  readonly name: string
  readonly clock: Clock
  /** Once it was connected. */
  readonly find: () => AskableAgent | undefined
}

/** What is sent to a machine that is paused would be done hours later; these have nobody to ask. */
const asleep: readonly PeerState[] = ['off', 'paused']

/** One peer's. */
export class OtherAgent {
  readonly #options: OtherAgentOptions

  constructor(options: OtherAgentOptions) {
    this.#options = options
  }

  /** What it can be asked for now. @param state the peer's */
  commands(state: PeerState): readonly CatalogueEntry[] | undefined {
    const agent = this.#awake(state)
    return agent?.obstacle === undefined ? agent?.commands : undefined
  }

  /** The dialect that a call leaves by. */
  via(state: PeerState): string | undefined {
    return this.commands(state) && this.#awake(state)?.dialect
  }

  /** Asks it. @throws {UsageError} `not-ready`, saying why both daemons cannot be called */
  open(request: RunRequest, state: PeerState): OutgoingCall {
    const { name, clock } = this.#options
    const agent = this.#awake(state)
    const why = agent && whyNot(agent, request.command)
    if (agent === undefined || why !== undefined) throw cannotCall(name, state, why)
    return new AskedCall({ agent, request, clock })
  }

  #awake(state: PeerState): AskableAgent | undefined {
    return asleep.includes(state) ? undefined : this.#options.find()
  }
}

function whyNot({ name, obstacle, commands }: AskableAgent, command: string): string | undefined {
  if (obstacle !== undefined) return `its ${name} agent cannot be asked either: ${obstacle}`
  const names = commands.map((known) => known.name)
  return names.includes(command) ? undefined : `its ${name} agent can be asked for ${names.join(', ')} only`
}
