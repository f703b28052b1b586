import { hostToGuest, version } from '@negotiator/common'
import { test } from 'tap'
import type { Test } from 'tap'
import { answersCheck } from './answers.js'
import type { ExaminedGuest } from './host-scene.js'
import { testGuest, testHostScene, testPeer, testProcess, testUse } from './test-host-scene.js'

async function look(t: Test, guest: Partial<ExaminedGuest>, use = testUse({ listeners: [testProcess()] })) {
  return await answersCheck.look(await testHostScene(t, { guests: [testGuest(guest)], use }))
}

test('a guest that answers is well', async (t) => {
  t.same(await look(t, {}), [{ severity: 'ok', guest: 'web1', found: 'it answers' }])
})

test('a guest that is silent is told what may be wrong in it', async (t) => {
  t.match(await look(t, { peer: testPeer({ state: 'silent' }) }), [
    {
      severity: 'error',
      code: 'guest-silent',
      guest: 'web1',
      mend: /^In the guest: negotiator-guest doctor/,
    },
  ])
})

test('a guest that was started a moment ago may still boot', async (t) => {
  const young = testUse({ listeners: [testProcess({ ageMs: 12_300 })] })
  t.match(await look(t, { peer: testPeer({ state: 'silent' }) }, young), [
    {
      severity: 'warning',
      code: 'guest-booting',
      found: /the machine was started 12 seconds ago, and may still boot$/,
      mend: 'negotiator-host wait web1 --timeout 120',
    },
  ])
})

test('a guest that has answered before does not boot for the first time', async (t) => {
  const young = testUse({ listeners: [testProcess({ ageMs: 12_300 })] })
  t.match(await look(t, { peer: testPeer({ state: 'silent', agent: version }) }, young), [
    {
      severity: 'error',
      code: 'guest-silent',
      found: /its daemon does not answer in them any more$/,
      why: /paused/,
    },
  ])
})

test('a silent guest whose port is open is told apart', async (t) => {
  const definition = { defined: [], definedSockets: {}, openInGuest: [hostToGuest] } as const
  t.match(await look(t, { peer: testPeer({ state: 'silent' }), driver: 'libvirt', definition }), [
    { severity: 'error', code: 'guest-mute', found: /a program in the guest has the port open$/ },
  ])
})

test('a guest that stands still is told, with what lets it go on', async (t) => {
  const peer = testPeer({ state: 'silent' })
  const stopped = testUse({ listeners: [testProcess({ id: 99, isStopped: true })] })
  t.match(await look(t, { peer }, stopped), [
    { severity: 'error', code: 'guest-stopped', mend: 'kill -CONT 99' },
  ])
  t.match(await look(t, { peer, driver: 'libvirt', state: 'paused' }), [
    { severity: 'warning', code: 'guest-paused', mend: 'virsh resume web1' },
  ])
})

test('a guest that the daemon does not know is told', async (t) => {
  t.match(await look(t, { peer: undefined }), [{ severity: 'warning', code: 'guest-unnoticed' }])
})

test('a guest that is not connected is told here only if no socket explains it', async (t) => {
  const peer = testPeer({ state: 'connecting' })
  t.match(await look(t, { peer }), [{ severity: 'warning', code: 'guest-connecting' }])
  t.same(await look(t, { peer }, testUse({ isListening: false })), [])
  t.same(await look(t, { peer }, testUse({ clients: [{ processes: [testProcess()] }] })), [])
  t.same(await look(t, { peer, sockets: {} }), [])
})

test('versions are told of each guest', async (t) => {
  t.match(await look(t, { peer: testPeer({ agent: '0.0.1' }) }), [
    { severity: 'ok' },
    { severity: 'note', code: 'version-skew', guest: 'web1', found: /^its daemon has version 0\.0\.1/ },
  ])
  t.match(await look(t, { peer: testPeer({ state: 'classic' }) }), [
    { severity: 'note', code: 'classic-peer' },
  ])
})

test('nothing is told of guests while the daemon does not answer', async (t) => {
  t.same(await answersCheck.look(await testHostScene(t, { daemon: { kind: 'missing' } })), [])
})
