import { test } from 'tap'
import { FrameType, frameMarker, frameMarkerNumber, isSameSession, maySend, openingMarker } from './frame.js'
import type { Role } from './frame.js'

const senders: Readonly<Record<keyof typeof FrameType, readonly Role[]>> = {
  hello: ['server'],
  refuse: ['server'],
  end: ['caller', 'server'],
  ping: ['caller', 'server'],
  pong: ['caller', 'server'],
  received: ['caller', 'server'],
  request: ['caller'],
  stdin: ['caller'],
  cancel: ['caller'],
  signal: ['caller'],
  stdout: ['server'],
  stderr: ['server'],
  result: ['server'],
  credit: ['caller', 'server'],
}

test('maySend() lets each role send its own types and no others', (t) => {
  for (const [name, roles] of Object.entries(senders)) {
    const type = FrameType[name as keyof typeof FrameType]
    for (const role of ['caller', 'server'] as const) {
      t.equal(maySend(role, type), roles.includes(role), `${role} ${name}`)
    }
  }
  t.end()
})

test('maySend() lets nobody send an unknown type', (t) => {
  const known = new Set<number>(Object.values(FrameType))
  for (let type = 0; type <= 0xff; type += 1) {
    if (!known.has(type)) t.notOk(maySend('caller', type) || maySend('server', type), `type ${type}`)
  }
  t.end()
})

test('isSameSession() compares both halves', (t) => {
  const name = { high: 1, low: 2 }
  t.ok(isSameSession(name, { high: 1, low: 2 }))
  t.notOk(isSameSession(name, { high: 1, low: 3 }))
  t.notOk(isSameSession(name, { high: 3, low: 2 }))
  t.end()
})

test('frameMarker is its number, and cannot overlap itself', (t) => {
  t.equal(frameMarker.readUInt32BE(0), frameMarkerNumber)
  for (let length = 1; length < frameMarker.length; length += 1) {
    t.notSame(frameMarker.subarray(-length), frameMarker.subarray(0, length))
  }
  t.end()
})

test('frameMarker cannot stand in UTF-8, openingMarker cannot stand in a JSON string', (t) => {
  t.throws(() => new TextDecoder('utf-8', { fatal: true }).decode(frameMarker))
  t.notMatch(JSON.stringify({ text: openingMarker.toString() }), openingMarker.toString())
  t.end()
})
