/**
 * What keeps a host from an agent's answer, by the words that OpenStack's hosts have for it.
 * Floor 6. Each sentence begins with its word, for there are scripts that look for it.
 */
import { PeerError } from '../../errors.js'

/** `FAILED`: it has answered, and not with success. */
export type AgentTrouble = 'TIMEOUT' | 'REBOOT' | 'NOT IMPLEMENTED' | 'FAILED'

const codes: Readonly<Record<AgentTrouble, string>> = {
  TIMEOUT: 'timed-out',
  REBOOT: 'rebooted',
  'NOT IMPLEMENTED': 'not-implemented',
  FAILED: 'agent-failed',
}

/** No success with an agent. */
export class AgentError extends PeerError {
  readonly trouble: AgentTrouble

  constructor(trouble: AgentTrouble, sentence: string) {
    super(`${trouble}: ${sentence}`, { code: codes[trouble] })
    this.trouble = trouble
  }
}

/** Whether an error is a trouble of this kind. */
export function isTrouble(error: unknown, trouble: AgentTrouble): boolean {
  return error instanceof AgentError && error.trouble === trouble
}
