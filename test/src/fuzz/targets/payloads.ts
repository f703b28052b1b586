/**
 * The payloads of frames: each is read, or refused with a PeerError, and what was read can be written again.
 */
import {
  decodeCredit,
  decodeEnd,
  decodePing,
  decodeReceived,
  decodeRequest,
  decodeResult,
  decodeSignal,
  encodeCredit,
  encodeEnd,
  encodeHello,
  encodeReceived,
  encodeRequest,
  encodeResult,
  encodeSignal,
  helloFrom,
  objectFromPayload,
  payloadBytesMax,
} from '@negotiator/common/testing'
import { PeerError, UsageError } from '@negotiator/common'
import { declared, holds, same } from '../target.js'
import type { Target } from '../target.js'

const promise = 'throws nothing but a PeerError, and reads again what it wrote'

/** Names that some part of the code looks for. */
const words = [
  'ask',
  'run',
  'commands',
  'ping',
  'wait',
  'target',
  'caller',
  'uuid',
  'timeoutMs',
  'kind',
  'reason',
]

/** What a session keeps of a hello for as long as it lives. */
const helloBytesMax = 8_192

export const helloTarget: Target = {
  name: 'hello',
  promise: `${promise}; what is kept of it is small`,
  grammar: 'json',
  tokens: words,
  check: (input) => {
    const read = declared(() => helloFrom(objectFromPayload(input, 'hello')), [PeerError])
    if ('error' in read) return
    same(
      helloFrom(JSON.parse(encodeHello(read.value).toString())),
      read.value,
      'it reads its own hello otherwise',
    )
    holds(JSON.stringify(read.value).length <= helloBytesMax, 'it keeps a hello of any length')
  },
}

export const requestTarget: Target = {
  name: 'request',
  promise,
  grammar: 'json',
  tokens: words,
  check: (input) => {
    const read = declared(() => decodeRequest(input), [PeerError])
    if ('error' in read) return
    const written = declared(() => encodeRequest(read.value), [UsageError])
    if ('value' in written)
      same(decodeRequest(written.value), read.value, 'it reads its own request otherwise')
  },
}

export const resultTarget: Target = {
  name: 'result',
  promise,
  grammar: 'json',
  tokens: ['exited', 'signalled', 'code', 'signal', ...words],
  check: (input) => {
    const read = declared(() => decodeResult(input), [PeerError])
    if ('error' in read) return
    const written = encodeResult(read.value)
    holds(written.length <= payloadBytesMax, 'a result does not fit into a frame')
    same(
      encodeResult(decodeResult(written)).toString(),
      written.toString(),
      'it reads its own result otherwise',
    )
    if (read.value.kind === 'exited') holds(read.value.code <= 255, 'an exit status is above 255')
    if (read.value.kind === 'signalled')
      holds(/^SIG[A-Z0-9+]+$/.test(read.value.signal), 'a signal has an odd name')
  },
}

/** The first byte says which of them the rest is. */
export const messagesTarget: Target = {
  name: 'messages',
  promise,
  grammar: 'bytes',
  tokens: ['closing', 'unknown-session', 'protocol-error', 'SIGTERM', 'SIGKILL', 'SIGWINCH'],
  check: (input) => {
    const payload = input.subarray(1)
    const readers = [
      () => encodeEnd(decodeEnd(payload)).length > 0,
      () => decodeReceived(encodeReceived(decodeReceived(payload))) <= 0xffffffff,
      () => encodeCredit(decodeCredit(payload)).length === payload.length,
      () => decodePing(payload) <= 0xffffffff,
      () => encodeSignal(decodeSignal(payload)).equals(payload),
    ]
    const read = declared(readers[(input[0] ?? 0) % readers.length] ?? (() => true), [PeerError])
    if ('value' in read) holds(read.value, 'a message is not the same when it is written again')
  },
}
