/**
 * A Request: what a caller asks for, as the JSON of a REQUEST frame.
 * Floor 2. Pure. Unknown fields are ignored, so that a newer peer may say more.
 */
import { PeerError, UsageError } from '../errors.js'
import { payloadBytesMax } from '../limits.js'
import {
  objectFrom,
  objectFromPayload,
  optionalIntegerIn,
  optionalTextIn,
  textIn,
  textListIn,
} from './fields.js'
import type { Fields } from './fields.js'

/** What a caller asks for. `run` and `commands` are for anybody; the others only a daemon's control socket answers. */
export type Request =
  | RunRequest
  | WatchCommandsRequest
  | WatchPeersRequest
  | StatusRequest
  | PingRequest
  | WaitRequest
  | MachineRequest

/** Run a command. */
export interface RunRequest {
  readonly ask: 'run'
  readonly command: string
  readonly args: readonly string[]
  /** From now on; the side that runs the command enforces it. Absent: no limit. */
  readonly timeoutMs?: number | undefined
  /** Whether bytes for standard input will follow; if not, the command reads an empty one. */
  readonly hasStdin: boolean
  /** Whether the result shall tell how long the stages of the call took. */
  readonly isTimed?: boolean | undefined
  /** On a control socket: the peer that shall run it. From a guest to its host: the guest that it shall be passed on to. */
  readonly target?: string | undefined
  /** From a host to a guest: the guest whose call it passes on. Nobody else's word is believed. */
  readonly caller?: SignedCaller | undefined
}

/** A calling guest, as its host knows it. */
export interface SignedCaller {
  readonly name: string
  readonly uuid?: string | undefined
}

/** Tell the commands as a JSON line, and again on each change, until cancelled. */
export interface WatchCommandsRequest {
  readonly ask: 'commands'
  readonly target?: string | undefined
}

/** Tell the peers and their states as a JSON line, and again on each change, until cancelled. */
export interface WatchPeersRequest {
  readonly ask: 'peers'
}

/** Tell how the daemon is, as one JSON line. */
export interface StatusRequest {
  readonly ask: 'status'
}

/** One round trip to a peer's daemon; the answer is a JSON line with `roundTripMs`. */
export interface PingRequest {
  readonly ask: 'ping'
  readonly target: string
  readonly timeoutMs?: number | undefined
}

/** Answer once a peer is ready. */
export interface WaitRequest {
  readonly ask: 'wait'
  readonly target: string
  readonly timeoutMs?: number | undefined
}

/** Do something with a managed guest's machine; the answer is JSON lines that tell what came of it. */
export interface MachineRequest {
  readonly ask: 'machine'
  readonly action: MachineAction
  /** The guest; absent where all are meant. */
  readonly target?: string | undefined
  /** How it is stopped; all ways in turn unless given. */
  readonly mode?: string | undefined
  /** How long all of it may take. */
  readonly timeoutMs?: number | undefined
}

/** `host-shutdown` does with each guest what its definition says of it. */
export type MachineAction = (typeof machineActions)[number]

const machineActions = ['start', 'stop', 'suspend', 'resume', 'host-shutdown'] as const

/**
 * A Request as a payload.
 * @throws {UsageError} `request-too-long` when it does not fit into one frame
 */
export function encodeRequest(request: Request): Buffer {
  const payload = Buffer.from(JSON.stringify(request))
  if (payload.length <= payloadBytesMax) return payload
  throw new UsageError(
    `Cannot send the call: its command and arguments take ${payload.length} bytes as JSON, at most ${payloadBytesMax} fit; ` +
      'send long data through standard input',
    { code: 'request-too-long' },
  )
}

/** @throws {PeerError} `bad-message`, naming the field */
export function decodeRequest(payload: Buffer): Request {
  const fields = objectFromPayload(payload, 'request')
  const ask = textIn(fields, 'ask')
  switch (ask) {
    case 'run':
      return {
        ask,
        command: textIn(fields, 'command'),
        args: textListIn(fields, 'args'),
        timeoutMs: optionalIntegerIn(fields, 'timeoutMs'),
        hasStdin: fields['hasStdin'] === true,
        ...(fields['isTimed'] === true && { isTimed: true }),
        target: optionalTextIn(fields, 'target'),
        caller: fields['caller'] === undefined ? undefined : signedCallerFrom(fields['caller']),
      }
    case 'commands':
      return { ask, target: optionalTextIn(fields, 'target') }
    case 'peers':
    case 'status':
      return { ask }
    case 'ping':
    case 'wait':
      return { ask, target: textIn(fields, 'target'), timeoutMs: optionalIntegerIn(fields, 'timeoutMs') }
    case 'machine':
      return {
        ask,
        action: machineActionIn(fields),
        target: optionalTextIn(fields, 'target'),
        mode: optionalTextIn(fields, 'mode'),
        timeoutMs: optionalIntegerIn(fields, 'timeoutMs'),
      }
    default:
      throw new PeerError('Cannot read a request: this version does not know what it asks for', {
        code: 'bad-message',
      })
  }
}

function machineActionIn(fields: Fields): MachineAction {
  const text = textIn(fields, 'action')
  const action = machineActions.find((known) => known === text)
  if (action !== undefined) return action
  throw new PeerError('Cannot read a request: this version does not know its "action"', {
    code: 'bad-message',
  })
}

function signedCallerFrom(value: unknown): SignedCaller {
  const fields = objectFrom(value, 'caller')
  return { name: textIn(fields, 'name'), uuid: optionalTextIn(fields, 'uuid') }
}
