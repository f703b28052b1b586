import { testStatus } from '@negotiator/common/testing'
import { version } from '@negotiator/common'
import { test } from 'tap'
import type { Test } from 'tap'
import { hostLinkCheck } from './host-link.js'
import { TestGuest } from './test-guest-scene.js'

async function look(t: Test, state: string, agent?: string) {
  const peers = [{ name: 'host', uuid: undefined, state, agent, bootId: undefined }]
  const daemon = { kind: 'answers', status: testStatus({ peers }) } as const
  return await hostLinkCheck.look(await new TestGuest(t).scene({ daemon }))
}

test('a host that answers is well', async (t) => {
  t.same(await look(t, 'ready', version), [{ severity: 'ok', found: 'the host answers' }])
})

test('a host that is not attached is told apart from one that is silent', async (t) => {
  t.match(await look(t, 'connecting'), [
    { severity: 'error', code: 'host-absent', mend: 'On the host: negotiator-host doctor GUEST' },
  ])
  t.match(await look(t, 'silent'), [{ severity: 'error', code: 'host-silent' }])
})

test('a host of another version is told', async (t) => {
  t.match(await look(t, 'ready', '0.0.1'), [{ severity: 'ok' }, { severity: 'note', code: 'version-skew' }])
  t.match(await look(t, 'refused', '0.0.1'), [{ severity: 'error', code: 'no-common-version' }])
  t.match(await look(t, 'classic'), [{ severity: 'note', code: 'classic-peer' }])
})

test('nothing is told of the host while the daemon does not answer', async (t) => {
  t.same(await hostLinkCheck.look(await new TestGuest(t).scene({ daemon: { kind: 'missing' } })), [])
})
