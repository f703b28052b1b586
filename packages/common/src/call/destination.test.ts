import { test } from 'tap'
import type { Caller } from '../policy/caller.js'
import type { Result } from '../wire/result.js'
import { targetOf, wayTo } from './destination.js'
import type { Directory, Peer } from './peer.js'

const guests = [{ name: 'web1', uuid: 'a' }, { name: 'host', uuid: 'b' }, { name: '@self' }]
const directoryOf = (peers: readonly Partial<Peer>[]): Directory => ({
  peers: () => peers as readonly Peer[],
  subscribe: () => () => undefined,
})
const onHost = { side: 'host', directory: directoryOf(guests) } as const
const inGuest = { side: 'guest', directory: directoryOf([{ name: 'host' }]) } as const

const program: Caller = { kind: 'program' }
const guest: Caller = { kind: 'guest', name: 'web2' }

test('targetOf() a call means this machine where it names nobody, but for a program in a guest', (t) => {
  t.same(targetOf(onHost, { caller: guest, wanted: undefined }), { kind: 'self' })
  t.same(targetOf(inGuest, { caller: { kind: 'host' }, wanted: undefined }), { kind: 'self' })
  t.same(targetOf(inGuest, { caller: program, wanted: undefined }), { kind: 'host' })
  t.end()
})

test('targetOf() a name means a guest, and its uuid comes from us', (t) => {
  t.same(targetOf(onHost, { caller: program, wanted: 'web1' }), { kind: 'guest', name: 'web1', uuid: 'a' })
  t.same(targetOf(onHost, { caller: guest, wanted: 'uuid:a' }), { kind: 'guest', name: 'web1', uuid: 'a' })
  t.same(targetOf(onHost, { caller: guest, wanted: 'unknown' }), { kind: 'guest', name: 'unknown' })
  t.same(targetOf(onHost, { caller: program, wanted: 'host' }), { kind: 'guest', name: 'host', uuid: 'b' })
  t.same(targetOf(inGuest, { caller: program, wanted: 'web1' }), { kind: 'guest', name: 'web1' })
  t.same(targetOf(inGuest, { caller: program, wanted: 'host' }), { kind: 'host' })
  t.end()
})

test('targetOf() a keyword is never a guest, so no rule about guests allows a call of this machine', (t) => {
  for (const wanted of ['@self', '@host'])
    t.same(targetOf(onHost, { caller: program, wanted }), { kind: 'self' }, wanted)
  t.same(targetOf(inGuest, { caller: program, wanted: '@self' }), { kind: 'self' })
  t.end()
})

test('wayTo() leads here, to a peer, or through the host to a guest', (t) => {
  const redirect = undefined
  t.same(wayTo(onHost, { caller: program, target: { kind: 'self' }, redirect }), { kind: 'here' })
  t.match(wayTo(onHost, { caller: program, target: { kind: 'guest', name: 'x', uuid: 'a' }, redirect }), {
    peer: { name: 'web1' },
    beyond: undefined,
  })
  t.match(wayTo(inGuest, { caller: program, target: { kind: 'host' }, redirect }), {
    peer: { name: 'host' },
    beyond: undefined,
  })
  t.match(wayTo(inGuest, { caller: program, target: { kind: 'guest', name: 'web1' }, redirect }), {
    peer: { name: 'host' },
    beyond: 'web1',
  })
  t.same(wayTo(onHost, { caller: program, target: { kind: 'guest', name: 'gone' }, redirect }), {
    kind: 'nowhere',
    result: { kind: 'unreachable', reason: 'there is no "gone" here' },
  })
  t.end()
})

test('wayTo() tells a guest nothing of who else is there', (t) => {
  const target = { kind: 'guest', name: 'web' } as const
  const { result } = wayTo(onHost, { caller: guest, target, redirect: undefined }) as { result: Result }
  t.match(result, { kind: 'unreachable', reason: /^the host has no one guest of this name or uuid;/ })
  t.notMatch(result, { reason: /web1/ })
  t.end()
})

test('wayTo() goes where the rule sends it', (t) => {
  const target = { kind: 'guest', name: 'web1', uuid: 'a' } as const
  t.match(wayTo(onHost, { caller: program, target, redirect: { kind: 'guest-uuid', uuid: 'b' } }), {
    peer: { name: 'host' },
  })
  t.match(wayTo(onHost, { caller: program, target, redirect: { kind: 'guest-name', name: 'host' } }), {
    peer: { uuid: 'b' },
  })
  t.same(wayTo(onHost, { caller: program, target, redirect: { kind: 'host' } }), { kind: 'here' })
  t.match(wayTo(inGuest, { caller: program, target, redirect: { kind: 'host' } }), {
    peer: { name: 'host' },
    beyond: undefined,
  })
  t.same(wayTo(inGuest, { caller: program, target, redirect: { kind: 'self' } }), { kind: 'here' })
  t.end()
})
