/**
 * OpenStack's protocol: XenStore's messages out of bytes, and a host's requests to a guest.
 */
import { openOpenStackDialect, XenStoreReader } from '@negotiator/common/testing'
import type { XenStoreMessage } from '@negotiator/common/testing'
import { PeerError } from '@negotiator/common'
import { byteByByte, declared, holds, inPieces, same } from '../target.js'
import type { Target } from '../target.js'

const byteByByteMax = 4_096

export const xenStoreReaderTarget: Target = {
  name: 'xenstore-reader',
  promise: 'tells the same messages however the bytes are cut, and none that is too long',
  grammar: 'bytes',
  tokens: [
    'OK\0',
    'ENOENT\0',
    '/local/domain/7/data/guest/u1\0tok1\0',
    '\x0f\0\0\0',
    '\0\x10\0\0',
    '\x01\x10\0\0',
  ],
  check: (input) => {
    const whole = read([input])
    for (const { payload } of whole) holds(payload.length <= 4096, 'it tells a message that is too long')
    const cuts = [inPieces(input), ...(input.length <= byteByByteMax ? [byteByByte(input)] : [])]
    for (const chunks of cuts) same(read(chunks), whole, 'cut and whole differ')
  },
}

/** The messages before the first that is too long. */
function read(chunks: readonly Buffer[]): readonly XenStoreMessage[] {
  const reader = new XenStoreReader()
  const messages: XenStoreMessage[] = []
  declared(() => {
    for (const chunk of chunks) for (const message of reader.push(chunk)) messages.push(message)
  }, [PeerError])
  return messages
}

export const openStackTarget: Target = {
  name: 'openstack',
  promise: 'answers every request once, with a return code and a message that fit into a node',
  grammar: 'json',
  tokens: [
    '{"name": "version", "value": "agent"}',
    '"name": "injectfile"',
    '"name": "file_inject"',
    '"name": "keyinit"',
    '"name": "password"',
    '"name": "agentupdate"',
    '"name": "kmsactivate"',
    '"value": 128492706489454800633959484585958',
    '"b64_path": "L3RtcC9h"',
    'Gk3NH44nVy80S3tLzsi+7g==',
  ],
  check: async (input) => {
    const parsed = openOpenStackDialect({ hasOldKeyExchange: true }).parse(input)
    const answer =
      parsed.kind === 'calls'
        ? await parsed.answer({
            run: async () => await Promise.resolve(denied),
            catalogue: async () => await Promise.resolve([]),
            push: () => false,
          })
        : parsed.kind === 'answer'
          ? parsed.body
          : undefined
    const fields = JSON.parse(String(answer)) as Readonly<Record<string, unknown>>
    holds(Object.keys(fields).join() === 'message,returncode', 'its answer has other fields')
    holds(['0', 'D0', '404', '500'].includes(String(fields['returncode'])), 'its answer has another code')
    holds(String(answer).length < 4000, 'its answer is too long')
  },
}

const denied = {
  result: { kind: 'denied', reason: 'no rule allows it' },
  stdout: Buffer.alloc(0),
  stderr: Buffer.alloc(0),
  isCut: false,
} as const
