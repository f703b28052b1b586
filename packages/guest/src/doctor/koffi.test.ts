import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { testStatus } from '@negotiator/common/testing'
import { test } from 'tap'
import type { Test } from 'tap'
import { koffiCheck } from './koffi.js'
import { TestGuest } from './test-guest-scene.js'

/** What is found of a daemon that has run this code. */
async function lookAt(t: Test, code: string) {
  const daemon = spawn(
    process.execPath,
    ['--input-type=module', '-e', `${code}; console.log('here'); process.stdin.resume()`],
    {
      cwd: import.meta.dirname,
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  t.teardown(() => daemon.kill('SIGKILL'))
  await once(daemon.stdout, 'data')
  const status = testStatus({ processId: daemon.pid ?? 0 })
  const scene = await new TestGuest(t).scene({ daemon: { kind: 'answers', status } })
  return await koffiCheck.look({ ...scene, machineRoot: '/' })
}

test('a daemon with koffi is well', async (t) => {
  t.match(await lookAt(t, `await import('koffi')`), [{ severity: 'ok' }])
})

test('a daemon without koffi is a note, with what comes of it', async (t) => {
  t.match(await lookAt(t, ''), [{ severity: 'note', code: 'koffi-missing', why: /up to 50 ms late/ }])
})

test('of a daemon that does not answer nothing is told', async (t) => {
  t.same(await koffiCheck.look(await new TestGuest(t).scene({ daemon: { kind: 'missing' } })), [])
})
