/**
 * Asks this machine's daemon how it is; that it cannot be asked is an answer, too.
 * Floor 8.
 */
import { localHello } from '../agent/local-hello.js'
import { connectSocket } from '../channel/socket-channel.js'
import { systemClock } from '../clock.js'
import type { Clock } from '../clock.js'
import { Client } from '../control/client.js'
import { NegotiatorError, sentenceOf } from '../errors.js'
import { integerIn, objectFrom, optionalTextIn, textIn, textListIn } from '../wire/fields.js'
import type { Fields } from '../wire/fields.js'

/** A file that the daemon does not run. */
export interface RefusedCommand {
  readonly path: string
  readonly reason: string
  /** What must be mended, when the daemon told it. */
  readonly culprit?: string | undefined
}

/** What a daemon says of itself. */
export interface DaemonStatus {
  readonly version: string
  readonly processId: number
  /** Whether it can ask the kernel who a local program is; a daemon before policies does not say. */
  readonly localUsers: 'known' | 'unknown' | undefined
  /** Files in its command folders that it does not run. */
  readonly refused: readonly RefusedCommand[]
  /** On a host: where it looks for guests. */
  readonly drivers: readonly { readonly name: string; readonly problem: string | undefined }[]
  readonly peers: readonly DaemonPeer[]
  /** A daemon that is older than the audit log tells nothing of it. */
  readonly audit: DaemonAudit | undefined
  /** A daemon that is older than policies tells nothing of it. */
  readonly policy: DaemonPolicy | undefined
  /** Other systems' protocols that it speaks. */
  readonly dialects: readonly DaemonDialect[]
}

/** A mounted dialect. */
export interface DaemonDialect {
  readonly dialect: string
  /** The channel or the socket. */
  readonly place: string
  /** On a host: whose it is. */
  readonly guest: string | undefined
  /** `connected`, or `waiting`. */
  readonly state: string
  readonly problem: string | undefined
}

/** Which policy a daemon goes by. */
export interface DaemonPolicy {
  readonly fileCount: number
  readonly ruleCount: number
  /** The files have faults, so it goes by the last good ones. */
  readonly isStale: boolean
  /** There never was a good one. */
  readonly deniesAll: boolean
  /** The first fault that it knows, as `FILE:LINE: sentence`. */
  readonly problem: string | undefined
}

/** How a daemon's audit log is. */
export interface DaemonAudit {
  /** Empty: it keeps none. */
  readonly path: string
  /** Records that could not be written since the daemon was started. */
  readonly lost: number
  /** Why it cannot be written now. */
  readonly problem: string | undefined
}

/** A peer as the daemon sees it. */
export interface DaemonPeer {
  readonly name: string
  readonly uuid: string | undefined
  /** One of `PeerState`, or of those that a newer daemon knows. */
  readonly state: string
  /** Its daemon's version, once known. */
  readonly agent: string | undefined
  readonly bootId: string | undefined
}

/**
 * `answers` · `missing`: no control socket is there · `dead`: nobody listens on it · `denied`: we may not connect ·
 * `hung`: it takes the connection and says nothing · `refused`: it speaks no protocol version of ours · `unclear`
 */
export type DaemonAnswer =
  | { readonly kind: 'answers'; readonly status: DaemonStatus }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unclear'; readonly reason: string }
  | { readonly kind: 'missing' | 'dead' | 'denied' | 'hung' }

/** A daemon that has nothing else to do answers within milliseconds. */
const patienceMs = 5_000

const kinds: Readonly<Record<string, 'missing' | 'dead' | 'denied' | 'hung'>> = {
  'socket-missing': 'missing',
  'socket-refused': 'dead',
  'socket-denied': 'denied',
  'socket-busy': 'hung',
  'daemon-unreachable': 'hung',
}

/** Asks the daemon behind a control socket. */
export async function askDaemon({
  path,
  clock = systemClock,
}: {
  readonly path: string
  readonly clock?: Clock
}): Promise<DaemonAnswer> {
  try {
    // The client tells only that there is no daemon; the socket tells why.
    const channel = await connectSocket({ path })
    channel.start({ bytes: () => undefined, drained: () => undefined, closed: () => undefined })
    channel.close()
    const status = await ask(path, clock)
    return status === undefined ? { kind: 'hung' } : { kind: 'answers', status }
  } catch (error) {
    if (!(error instanceof NegotiatorError)) throw error
    const kind = kinds[error.code]
    if (kind !== undefined) return { kind }
    return { kind: error.code === 'refused' ? 'refused' : 'unclear', reason: sentenceOf(error) }
  }
}

/** @returns `undefined` when it has taken the question and not answered in time */
async function ask(path: string, clock: Clock): Promise<DaemonStatus | undefined> {
  const client = await Client.connect({ path, hello: await localHello('program'), clock, patienceMs })
  let isLate = false
  const patience = clock.setTimer(patienceMs, () => {
    isLate = true
    client.close()
  })
  try {
    return readStatus(await client.status())
  } catch (error) {
    if (isLate) return undefined
    throw error
  } finally {
    patience.cancel()
    client.close()
  }
}

function readStatus(status: Fields): DaemonStatus {
  return {
    version: textIn(status, 'version'),
    processId: integerIn(status, 'processId'),
    localUsers: localUsersIn(status),
    refused: listIn(status, 'refused').map((file) => ({
      path: textIn(file, 'path'),
      reason: textIn(file, 'reason'),
      culprit: optionalTextIn(file, 'culprit'),
    })),
    drivers: listIn(status, 'drivers').map((driver) => ({
      name: textIn(driver, 'name'),
      problem: optionalTextIn(driver, 'problem'),
    })),
    peers: listIn(status, 'peers').map((peer) => ({
      name: textIn(peer, 'name'),
      uuid: optionalTextIn(peer, 'uuid'),
      state: textIn(peer, 'state'),
      agent: optionalTextIn(peer, 'agent'),
      bootId: optionalTextIn(peer, 'bootId'),
    })),
    audit: status['audit'] === undefined ? undefined : readAuditState(objectFrom(status['audit'], 'audit')),
    policy:
      status['policy'] === undefined ? undefined : readPolicyState(objectFrom(status['policy'], 'policy')),
    dialects: listIn(status, 'dialects').map((mount) => ({
      dialect: textIn(mount, 'dialect'),
      place: textIn(mount, 'place'),
      guest: optionalTextIn(mount, 'guest'),
      state: textIn(mount, 'state'),
      problem: optionalTextIn(mount, 'problem'),
    })),
  }
}

function readPolicyState(policy: Fields): DaemonPolicy {
  const [first] = listIn(policy, 'problems')
  return {
    fileCount: textListIn(policy, 'files').length,
    ruleCount: integerIn(policy, 'ruleCount'),
    isStale: policy['isStale'] === true,
    deniesAll: policy['deniesAll'] === true,
    problem: first && `${textIn(first, 'file')}:${integerIn(first, 'line')}: ${textIn(first, 'message')}`,
  }
}

function readAuditState(audit: Fields): DaemonAudit {
  return {
    path: textIn(audit, 'path'),
    lost: integerIn(audit, 'lost'),
    problem: optionalTextIn(audit, 'problem'),
  }
}

function localUsersIn(status: Fields): DaemonStatus['localUsers'] {
  const { localUsers } = status
  return localUsers === 'known' || localUsers === 'unknown' ? localUsers : undefined
}

/** A list that a daemon of this side may not have, such as that of the drivers. */
function listIn(fields: Fields, name: string): readonly Fields[] {
  const list = fields[name]
  return Array.isArray(list) ? list.map((item) => objectFrom(item, name)) : []
}
