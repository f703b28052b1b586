import { test } from 'tap'
import type { MountSettings } from '../agent/mounts/mount-settings.js'
import type { DaemonDialect } from './daemon-answer.js'
import { dialectsCheck } from './dialects.js'
import type { Finding } from './finding.js'
import { testScene, testStatus } from './test-scene.js'
import type { Teardown } from '../test-folder.js'

const settings: MountSettings = { dialect: 'appmonitor', exchange: 'lines', channel: 'x.0' }
const mounted: DaemonDialect = {
  dialect: 'appmonitor',
  place: 'x.0',
  guest: undefined,
  state: 'connected',
  problem: undefined,
}

async function found(
  test: Teardown,
  {
    dialects,
    configured = [settings],
  }: { dialects: readonly DaemonDialect[]; configured?: readonly MountSettings[] },
): Promise<readonly Finding[]> {
  const scene = await testScene(test, {
    side: 'guest',
    daemon: { kind: 'answers', status: testStatus({ dialects }) },
  })
  return await dialectsCheck.look({ ...scene, config: { ...scene.config, dialects: configured } })
}

test('dialectsCheck tells which dialects are mounted, and who is there', async (t) => {
  t.same(await found(t, { dialects: [mounted] }), [
    {
      severity: 'ok',
      guest: undefined,
      found: 'the dialect "appmonitor" on "x.0" is mounted, and somebody is connected',
    },
  ])
  t.match(await found(t, { dialects: [{ ...mounted, state: 'waiting' }] }), [
    { severity: 'ok', found: 'the dialect "appmonitor" on "x.0" is mounted, and nobody is connected' },
  ])
  t.same(await found(t, { dialects: [], configured: [] }), [])
})

test('dialectsCheck tells why one is not served, and what to do', async (t) => {
  const problem = 'Cannot find the port "x.0": the virtual machine has none'
  t.match(await found(t, { dialects: [{ ...mounted, state: 'waiting', problem }] }), [
    {
      severity: 'warning',
      code: 'dialect-problem',
      found: `the dialect "appmonitor" on "x.0" is not served: ${problem}`,
      mend: 'Mend what is told above; the daemon tries again by itself every few seconds.',
    },
  ])
})

test('dialectsCheck tells that the daemon was not restarted since the configuration was changed', async (t) => {
  for (const given of [{ dialects: [] }, { dialects: [mounted], configured: [] }])
    t.match((await found(t, given))[0], {
      severity: 'warning',
      code: 'dialects-changed',
      mend: 'systemctl restart negotiator-guest',
    })
})
