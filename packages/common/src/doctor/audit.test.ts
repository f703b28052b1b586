import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { testFolder } from '../test-folder.js'
import { auditCheck } from './audit.js'
import type { DaemonAudit } from './daemon-answer.js'
import type { Finding } from './finding.js'
import { testScene, testStatus } from './test-scene.js'

/** A file that is as it should be. */
function auditFile(t: Test): string {
  const path = join(testFolder(t), 'audit.log')
  writeFileSync(path, '', { mode: 0o640 })
  return path
}

async function findings(t: Test, audit: Partial<DaemonAudit>): Promise<readonly Finding[]> {
  const status = testStatus({ audit: { path: '', lost: 0, problem: undefined, ...audit } })
  return await auditCheck.look(await testScene(t, { daemon: { kind: 'answers', status } }))
}

test('an audit log that is written is well', async (t) => {
  const path = auditFile(t)
  t.same(await findings(t, { path }), [{ severity: 'ok', found: `the audit log "${path}" is written` }])
})

test('an audit log that cannot be written is told, with what mends it', async (t) => {
  const path = '/var/log/x y/audit.log'
  t.same(await findings(t, { path, lost: 1, problem: 'ENOSPC' }), [
    {
      severity: 'warning',
      code: 'audit-unwritable',
      found: `the daemon cannot write the audit log "${path}": ENOSPC; 1 record was lost since it was started`,
      why: 'Calls go on, and leave no trace for `negotiator-host audit`.',
      mend: "df -h '/var/log/x y'    # and make room; it goes on by itself",
    },
  ])
  const mends = {
    EDQUOT: /^df -h .*quota/,
    EISDIR: "rmdir '/var/log/x y/audit.log'    # a folder is in the file's place",
    ELOOP: /^rm /,
    EROFS: /^Set "audit-file" to a place that can be written/,
    EACCES: "ls -ld '/var/log/x y' '/var/log/x y/audit.log'",
  }
  for (const [problem, mend] of Object.entries(mends))
    t.match(await findings(t, { path, lost: 2, problem }), [{ found: /2 records were lost/, mend }])
})

test('records that were lost are a note once it is written again', async (t) => {
  t.match(await findings(t, { path: auditFile(t), lost: 3 }), [
    { severity: 'note', code: 'audit-lost', found: /^3 records were lost from the audit log / },
    { severity: 'ok' },
  ])
})

test('a file that is gone is a note, for the next call makes it anew', async (t) => {
  const path = join(testFolder(t), 'audit.log')
  t.match(await findings(t, { path }), [{ severity: 'note', code: 'audit-missing' }])
})

test('a file that every user may read is told, and turns green', async (t) => {
  const path = auditFile(t)
  chmodSync(path, 0o644)
  t.match(await findings(t, { path }), [
    { severity: 'warning', code: 'audit-readable', mend: /^chmod o= .*audit\.log {4}# / },
  ])
  chmodSync(path, 0o640)
  t.match(await findings(t, { path }), [{ severity: 'ok' }])
})

test('no audit log is a note, whether the configuration or the daemon keeps none', async (t) => {
  const scene = await testScene(t)
  const config = { ...scene.config, 'audit-file': '' }
  t.match(await auditCheck.look({ ...scene, config }), [
    { severity: 'note', code: 'audit-off', found: /^no audit log is kept: "audit-file" is "" / },
  ])
  t.match(await findings(t, { path: '' }), [
    { severity: 'note', code: 'audit-off', found: /^the daemon was started when / },
  ])
})

test('nothing is told of a daemon that is down, or too old to tell', async (t) => {
  t.same(await auditCheck.look(await testScene(t, { daemon: { kind: 'missing' } })), [])
  t.same(await auditCheck.look(await testScene(t)), [])
})
