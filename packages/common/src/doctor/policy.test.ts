import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import type { DaemonPolicy } from './daemon-answer.js'
import type { Finding } from './finding.js'
import { policyCheck } from './policy.js'
import { testScene, testStatus } from './test-scene.js'

const good: DaemonPolicy = {
  fileCount: 2,
  ruleCount: 5,
  isStale: false,
  deniesAll: false,
  problem: undefined,
}

interface PolicyFolder {
  readonly folder: string
  /** What is found when the daemon says this of its policy, or nothing. */
  readonly findings: (policy?: DaemonPolicy) => Promise<readonly Finding[]>
}

async function policyFolder(t: Test): Promise<PolicyFolder> {
  const scene = await testScene(t)
  const folder = scene.config['policy-folder']
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  return {
    folder,
    findings: async (policy) =>
      await policyCheck.look({ ...scene, daemon: { kind: 'answers', status: testStatus({ policy }) } }),
  }
}

test('a policy that is in force is well', async (t) => {
  const { findings } = await policyFolder(t)
  t.same(await findings(good), [{ severity: 'ok', found: 'the policy is in force: 5 rules in 2 files' }])
  t.same(await findings(), [], 'a daemon that is too old to have one is told of elsewhere')
})

test('each fault is told with its place, what follows, and what mends it, until it is mended', async (t) => {
  const { folder, findings } = await policyFolder(t)
  const path = join(folder, '30-local.policy')
  writeFileSync(path, '* * web1 @host alow\nhello\n', { mode: 0o644 })
  t.match(await findings({ ...good, isStale: true }), [
    {
      severity: 'error',
      code: 'policy-fault',
      found: `the policy has a fault at 30-local.policy:1:16 ("${path}"): unknown action "alow"`,
      why: 'The last good policy stays in force until this is mended, whatever else the files say.',
      mend: /^did you mean "allow"\?\nnegotiator-host policy lint {4}# tells whether all is well$/,
    },
    { code: 'policy-fault', found: /^the policy has a fault at 30-local\.policy:2:/ },
  ])
  t.match(await findings({ ...good, deniesAll: true }), [
    { why: 'Without a good policy every call is denied.' },
    {},
  ])
  writeFileSync(path, '* * web1 @host allow\n')
  t.match(await findings(good), [{ severity: 'ok' }])
})

test('a fault is told before a daemon runs, and that everything will be denied', async (t) => {
  const scene = await testScene(t)
  const folder = scene.config['policy-folder']
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  const look = async (): Promise<readonly Finding[]> =>
    await policyCheck.look({ ...scene, daemon: { kind: 'missing' } })
  t.same(await look(), [], 'that no daemon runs is told elsewhere')
  writeFileSync(join(folder, '30-local.policy'), 'nonsense\n', { mode: 0o644 })
  t.match(await look(), [{ code: 'policy-fault', why: 'Without a good policy every call is denied.' }])
})

test('a file that others may write is told', async (t) => {
  const { folder, findings } = await policyFolder(t)
  const path = join(folder, '30-local.policy')
  writeFileSync(path, '')
  chmodSync(path, 0o666)
  t.match(await findings(good), [{ code: 'policy-fault', mend: new RegExp(`chmod go-w ${path}`) }])
})

test('a daemon that does not go by the files is told', async (t) => {
  const { folder, findings } = await policyFolder(t)
  rmSync(folder, { recursive: true })
  const problem = '90-default.policy:0: the shipped policy is not there'
  t.same(await findings({ ...good, deniesAll: true, problem }), [
    {
      severity: 'error',
      code: 'policy-denies-all',
      found:
        'the daemon has no good policy and denies every call: 90-default.policy:0: the shipped policy is not there',
      why: 'What the files say is not what happens.',
      mend: `kill -HUP ${process.pid}    # it reads the policy anew, and its log says what is wrong`,
    },
  ])
  t.match(await findings({ ...good, isStale: true }), [
    { code: 'policy-stale', found: 'the daemon goes by an older policy than the files' },
  ])
})
