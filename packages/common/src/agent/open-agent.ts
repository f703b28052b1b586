/**
 * An agent as a daemon's configuration wants it: with its policy and its audit log.
 * Floor 7. Neither keeps a daemon from starting: a policy with faults denies, calls go on without a record.
 */
import type { Clock } from '../clock.js'
import type { Log } from '../log.js'
import type { FindKoffi } from '../native/koffi.js'
import { PolicyStore } from '../policy/load.js'
import type { PolicyState } from '../policy/state.js'
import { openStartProcess } from '../process/open-start-process.js'
import { Agent } from './agent.js'
import { AuditLog } from './audit-log.js'
import type { AuditState } from './audit-log.js'
import type { Config } from './config-settings.js'
import type { Side } from './paths.js'

/** What comes with the program. */
export interface Shipped {
  /** The folders with its commands. */
  readonly commandFolders: readonly string[]
  /** The policy that is in force where the administrator says nothing else; `undefined` when it could not be unpacked. */
  readonly policyFile: string | undefined
}

/** What an agent is opened with. */
export interface OpenAgentOptions {
  readonly side: Side
  readonly config: Config
  readonly shipped: Shipped
  readonly clock: Clock
  readonly log: Log
  /** How koffi is had, which starts commands faster; from node_modules unless told. */
  readonly findKoffi?: FindKoffi | undefined
}

/** An agent with all that it owns. */
export interface OpenedAgent {
  readonly agent: Agent
  readonly heartbeat: { readonly intervalMs: number; readonly deadMs: number }
  policy(): PolicyState
  audit(): AuditState
  /** The daemon's own facts for `status`. */
  status(): Readonly<Record<string, unknown>>
  /** Reads the policy anew, and looks whether the audit log's file was moved. */
  reload(): Promise<void>
  close(): Promise<void>
}

/** @throws {SystemError} `command-folder-unreadable`; nothing is left open then */
export async function openAgent({
  side,
  config,
  shipped,
  clock,
  log,
  findKoffi,
}: OpenAgentOptions): Promise<OpenedAgent> {
  const heartbeat = {
    intervalMs: config['heartbeat-interval-seconds'] * 1000,
    deadMs: config['heartbeat-dead-seconds'] * 1000,
  }
  const folders = [...config['command-folders'], ...shipped.commandFolders]
  const judge = await PolicyStore.open({
    folder: config['policy-folder'],
    shippedFile: shipped.policyFile,
    side,
    log,
  })
  const audit = new AuditLog({ path: config['audit-file'], clock, log })
  const closeOwned = async (): Promise<void> => {
    await judge.close()
    await audit.close()
  }
  try {
    await audit.open()
    const startProcess = await openStartProcess(findKoffi)
    const agent = await Agent.open({ side, folders, clock, log, heartbeat, judge, audit, startProcess })
    return {
      agent,
      heartbeat,
      policy: () => judge.state,
      audit: () => audit.state,
      status: () => ({ ...agent.status(), policy: judge.state, audit: audit.state }),
      reload: async () => {
        audit.reopen()
        await judge.reload()
      },
      close: async () => {
        await agent.close()
        await closeOwned()
      },
    }
  } catch (error) {
    await closeOwned()
    throw error
  }
}
