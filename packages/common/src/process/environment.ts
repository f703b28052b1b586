/**
 * The environment of a command, built from nothing.
 * Floor 4. commands/README.md promises these variables.
 */
import { homedir } from 'node:os'

/** What a command is told about its call. */
export interface CallFacts {
  readonly callId: string
  readonly command: string
  /** `host`, `guest`, or `program` for one of this machine: a guest may be called `host`. */
  readonly callerKind: string
  /** The caller's name as this side knows it: a guest's name, `host`, or `user:NAME`. */
  readonly callerName: string
  readonly callerUuid?: string | undefined
  /** On the host: the calling guest's name, under the variable that python-negotiator set. */
  readonly guestName?: string | undefined
}

/** Where a command finds other programs. */
export const commandPath: string = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The whole environment of a command. */
export function environmentFor(facts: CallFacts): Record<string, string> {
  return {
    PATH: commandPath,
    HOME: homedir(),
    LANG: 'C.UTF-8',
    NEGOTIATOR_COMMAND: facts.command,
    NEGOTIATOR_CALLER: facts.callerName,
    NEGOTIATOR_CALLER_KIND: facts.callerKind,
    NEGOTIATOR_CALL_ID: facts.callId,
    ...(facts.callerUuid === undefined ? {} : { NEGOTIATOR_CALLER_UUID: facts.callerUuid }),
    ...(facts.guestName === undefined ? {} : { NEGOTIATOR_GUEST: facts.guestName }),
  }
}
