import { test } from 'tap'
import { domainStatus } from './domain-status.js'

test('domainStatus() tells an end only of a machine that was not let go', (t) => {
  const [kept, letGo] = [
    { isSaved: false, isKept: true },
    { isSaved: false, isKept: false },
  ]
  t.same(domainStatus('shut off (shutdown)\n\n', kept), { state: 'ended', end: 'poweroff' })
  t.same(domainStatus('shut off (crashed)\n', kept), { state: 'ended', end: 'crash' })
  t.same(domainStatus('shut off (crashed)\n', letGo), { state: 'off' })
  for (const reason of ['destroyed', 'unknown', 'failed', 'migrated'])
    t.same(domainStatus(`shut off (${reason})\n`, kept), { state: 'off' }, reason)
  t.same(domainStatus('shut off (saved)\n', { ...kept, isSaved: true }), { state: 'suspended' })
  // libvirtd forgets why when it is restarted.
  t.same(domainStatus('shut off (unknown)\n', { ...kept, isSaved: true }), { state: 'suspended' })
  t.end()
})

test('domainStatus() knows how a machine is that has a process', (t) => {
  for (const [answer, status] of [
    ['running (booted)', { state: 'running' }],
    ['in shutdown (user)', { state: 'running' }],
    ['paused (user)', { state: 'paused' }],
    ['pmsuspended (unknown)', { state: 'paused' }],
    ['paused (crashed)', { state: 'ended', end: 'crash' }],
    ['crashed (panicked)', { state: 'ended', end: 'crash' }],
    ['', { state: 'off' }],
  ] as const)
    t.same(domainStatus(`${answer}\n\n`, { isSaved: false, isKept: false }), status, answer)
  t.end()
})
