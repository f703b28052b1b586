/**
 * A guest's oVirt agent as one that can be asked for commands.
 * Floor 6. Whoever asks has been through the policy already.
 */
import { escapeControl } from '../../log.js'
import type { AskableAgent, AskedEnd } from '../dialect.js'
import { askedCommands, readCommand } from './asked-commands.js'
import { ovirtResponsiveMs } from './ovirt-limits.js'
import type { OvirtLink } from './ovirt-link.js'
import { ask } from './verbs.js'
import type { VerbOutcome } from './verbs.js'

/** Exit statuses as the system commands have them. */
const [failed, wrongUsage] = [1, 64]

/** Makes one of a guest's link. */
export function askedAgent(link: OvirtLink): AskableAgent {
  return {
    name: 'oVirt',
    dialect: 'ovirt',
    commands: askedCommands,
    get obstacle() {
      return obstacleOf(link)
    },
    ask: async (call) => {
      const read = readCommand(call)
      return read.kind === 'wrong' ? exited(wrongUsage, read.sentence) : endOf(await ask(link, read.verb))
    },
  }
}

/** A port takes what nobody reads, and gives it to the agent that is started an hour later. */
function obstacleOf(link: OvirtLink): string | undefined {
  const { isConnected, isResponsive } = link.snapshot()
  if (!isConnected) return 'its channel is not connected'
  if (!isResponsive) return `it has said nothing for ${ovirtResponsiveMs / 1000} s; is it running?`
  return undefined
}

function endOf(outcome: VerbOutcome): AskedEnd {
  switch (outcome.kind) {
    case 'done':
      return exited(0)
    case 'unconfirmed':
      return exited(0, 'sent; this oVirt agent does not tell how it ended')
    case 'failed':
      return exited(failed, outcome.reason)
    case 'not-sent':
      return { result: { kind: 'unreachable', reason: outcome.reason }, words: '' }
    case 'lost':
      return { result: { kind: 'lost', reason: outcome.reason }, words: '' }
  }
}

/** A sentence may have the guest's own words in it, and goes to a terminal. */
function exited(code: number, sentence?: string): AskedEnd {
  return {
    result: { kind: 'exited', code },
    words: sentence === undefined ? '' : `${escapeControl(sentence)}\n`,
  }
}
