import { test } from 'tap'
import type { PeerState } from '@negotiator/common'
import { livePhases, unborn } from './life-phases.js'

/** The phases that a guest goes through as it is seen in one state after another. */
function lived(...states: readonly (PeerState | 'gone')[]): string {
  let before = unborn
  return states
    .map((state) => {
      const { after, phases } = livePhases(before, state)
      before = after
      return phases.join('+')
    })
    .join(' ')
    .trim()
}

test('livePhases() tells a life from its start to its end', async (t) => {
  t.equal(
    lived('off', 'connecting', 'silent', 'ready', 'silent', 'off'),
    'started connected ready lost stopped',
  )
  t.equal(lived('connecting', 'silent', 'classic', 'gone'), 'started connected ready lost+stopped')
  t.equal(lived('off', 'gone'), '')
})

test('livePhases() leaves nothing out when steps were missed', async (t) => {
  t.equal(lived('ready', 'gone'), 'started+connected+ready lost+stopped')
  t.equal(lived('ready', 'connecting', 'ready'), 'started+connected+ready lost connected+ready')
})

test('livePhases() tells a pause from a loss', async (t) => {
  t.equal(lived('ready', 'paused', 'ready'), 'started+connected+ready paused resumed')
  t.equal(lived('ready', 'paused', 'silent'), 'started+connected+ready paused resumed+lost')
  t.equal(lived('ready', 'paused', 'off'), 'started+connected+ready paused lost+stopped')
})

test('livePhases() tells each thing once', async (t) => {
  t.equal(lived('silent', 'silent', 'refused', 'ready', 'ready'), 'started+connected   ready')
})
