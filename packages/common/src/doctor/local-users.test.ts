import { test } from 'tap'
import type { Test } from 'tap'
import type { DaemonAnswer, DaemonStatus } from './daemon-answer.js'
import { localUsersCheck } from './local-users.js'
import { testScene, testStatus } from './test-scene.js'

async function lookAt(t: Test, localUsers: DaemonStatus['localUsers']) {
  const daemon: DaemonAnswer = { kind: 'answers', status: testStatus({ localUsers }) }
  return await localUsersCheck.look(await testScene(t, { daemon }))
}

test('a daemon that does not know local users is a note, with what comes of it and what to install', async (t) => {
  t.match(await lookAt(t, 'unknown'), [
    {
      severity: 'note',
      code: 'local-users-unknown',
      found: 'the daemon cannot ask the kernel who a local program is',
      why: /match nobody, those that deny included/,
      mend: /^Install koffi .*\nsystemctl restart negotiator-host/,
    },
  ])
})

test('of a daemon that knows them, is older or does not answer nothing is told', async (t) => {
  t.same(await lookAt(t, 'known'), [])
  t.same(await lookAt(t, undefined), [])
  t.same(await localUsersCheck.look(await testScene(t, { daemon: { kind: 'missing' } })), [])
})
