import { test } from 'tap'
import type { DaemonPeer } from './daemon-answer.js'
import { versionFindings } from './versions.js'

const peer: DaemonPeer = { name: 'web1', uuid: undefined, state: 'ready', agent: '1.2.0', bootId: undefined }
const versions = { peer, name: 'its daemon', guest: 'web1', daemonVersion: '1.2.0' }

test('versionFindings() says nothing of daemons that are the same, or not known yet', (t) => {
  t.same(versionFindings(versions), [])
  t.same(versionFindings({ ...versions, peer: { ...peer, state: 'silent', agent: undefined } }), [])
  t.end()
})

test('versionFindings() tells of daemons that differ as a note', (t) => {
  t.match(versionFindings({ ...versions, daemonVersion: '1.3.0' }), [
    {
      severity: 'note',
      code: 'version-skew',
      guest: 'web1',
      found: 'its daemon has version 1.2.0, this daemon 1.3.0',
    },
  ])
  t.end()
})

test('versionFindings() tells of daemons without a common protocol as an error', (t) => {
  t.match(versionFindings({ ...versions, peer: { ...peer, state: 'refused', agent: '9.0.0' } }), [
    { severity: 'error', code: 'no-common-version', found: /version 9\.0\.0, this daemon 1\.2\.0, and they/ },
  ])
  t.end()
})

test('versionFindings() tells of python-negotiator as a note', (t) => {
  const classic = { ...peer, state: 'classic', agent: 'python-negotiator' }
  t.match(versionFindings({ ...versions, peer: classic }), [
    { severity: 'note', code: 'classic-peer', found: 'its daemon runs python-negotiator' },
  ])
  t.end()
})
