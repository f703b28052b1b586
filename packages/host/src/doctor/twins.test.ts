import { test } from 'tap'
import { testGuest, testHostScene, testPeer, uuid } from './test-host-scene.js'
import { twinsCheck } from './twins.js'

test('guests that differ are well', async (t) => {
  const guests = [testGuest(), testGuest({ name: 'web2', uuid: 'other', peer: testPeer({ bootId: 'b' }) })]
  t.same(await twinsCheck.look(await testHostScene(t, { guests })), [])
})

test('two guests of one uuid are told', async (t) => {
  t.match(await twinsCheck.look(await testHostScene(t, { twins: [{ uuid, name: 'copy' }] })), [
    { severity: 'error', code: 'same-uuid', found: `"web1" and "copy" have the same uuid, ${uuid}` },
  ])
})

test('two guests of one name are told', async (t) => {
  const guests = [testGuest(), testGuest({ uuid: 'other' })]
  t.match(await twinsCheck.look(await testHostScene(t, { guests })), [
    { severity: 'warning', code: 'same-name', found: '2 guests have the name "web1"' },
  ])
})

test('two guests of one boot were resumed from one snapshot', async (t) => {
  const peer = testPeer({ bootId: 'b' })
  const guests = [testGuest({ peer }), testGuest({ name: 'web2', uuid: 'other', peer })]
  t.match(await twinsCheck.look(await testHostScene(t, { guests })), [
    {
      severity: 'warning',
      code: 'same-boot-id',
      found: /^"web1" and "web2" say that they are the same boot/,
    },
  ])
})
