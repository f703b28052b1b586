import { test } from 'tap'
import { testJudge, testRule } from '../../call/test-judge.js'
import { writeCommand } from '../../test-folder.js'
import { mountStage } from './test-mounts.js'

const systemAnswer = JSON.stringify({
  ...{
    type: 'linux',
    kernel: '6.1.0',
    architecture: 'x86_64',
    distributionId: 'debian',
    distribution: 'Debian',
  },
  ...{ version: '12', codename: 'bookworm' },
})

test('oVirt on a guest: facts and orders go by way of policy, registry and audit', async (t) => {
  const judge = testJudge(({ command }) =>
    command === 'session'
      ? { kind: 'deny', rule: testRule({}, 'deny'), reason: 'nobody locks this screen' }
      : { kind: 'allow', rule: testRule() },
  )
  const { folder, audit, attach, mount, logged } = await mountStage(t, {
    ...{ judge, dialect: 'ovirt', channel: 'ovirt-guest-agent.0' },
  })
  writeCommand({ folder, name: 'os-info', script: `echo '${systemAnswer}'` })
  writeCommand({ folder, name: 'session', script: 'exit 0' })
  writeCommand({ folder, name: 'ovirt-lifecycle', script: 'echo "hook 3 says no" >&2; exit 3' })
  const peer = attach()
  await peer.ask('{"__name__": "api-version", "apiVersion": 3}\n', /"os-version", "version": "6\.1\.0"/)
  await peer.ask('{"__name__": "echo", "a": 1}\n', /\{"__name__": "echo", "a": 1\}\n/)
  const locked = await peer.ask('{"__name__": "lock-screen", "reply_id": 1}\n', /"reply_id": 1, .*\n/)
  t.match(locked, /"done": false, "failure": "Cannot do \\"session\\": .*nobody locks this screen"/)
  const hooks = '{"__name__": "lifecycle-event", "type": "before_migration", "reply_id": 2}\n'
  const vetoed = await peer.ask(hooks, /"reply_id": 2, .*\n/)
  t.match(vetoed, /"done": false, "failure": ".*it ended with exit status 3: hook 3 says no"/)
  const seen = audit.records.map(({ command, via, caller, result }) => [
    command,
    via,
    caller.name,
    result.kind,
  ])
  const recorded = (record: readonly string[]): boolean => seen.some((one) => one.join() === record.join())
  t.ok(recorded(['os-info', 'ovirt', 'host', 'exited']))
  t.ok(recorded(['session', 'ovirt', 'host', 'denied']))
  t.ok(recorded(['ovirt-lifecycle', 'ovirt', 'host', 'exited']))
  t.ok(logged.some((line) => line.includes('What the oVirt host wants was not done')))
  t.equal(mount.status.state, 'connected')
  const told = await peer.ask('{"__name__": "lock-screen", "reply_id": 3}\n', /"reply_id": 3, .*\n/)
  const toldCount = told.split('"os-version"').length - 1
  await peer.ask(
    '{"__name__": "refresh", "apiVersion": 3}\n',
    new RegExp(`(?:[^]*"os-version"){${toldCount + 1}}`),
  )
  const countOf = (wanted: string): number => audit.records.filter(({ command }) => command === wanted).length
  t.equal(countOf('session'), 2, 'each order has a line of its own')
  t.equal(countOf('os-info'), 1, 'and facts that are told again have none at once')
  await mount.close()
  t.match(peer.end.received.toString(), /\{"__name__": "session-shutdown"\}\n$/)
})
