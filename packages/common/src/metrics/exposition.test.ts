import { test } from 'tap'
import { joinedAgents } from '../agent/test-agents.js'
import type { JoinedAgents } from '../agent/test-agents.js'
import { writeCommand } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'
import { expositionOf } from './exposition.js'
import type { MetricsFacts } from './metric.js'

const webUuid = '6d1f2c3e-0a4b-4c5d-8e6f-7a8b9c0d1e2f'

function factsOf({ host }: Pick<JoinedAgents, 'host'>): MetricsFacts {
  return {
    side: 'host',
    agent: host.agent,
    policy: () => ({ files: [], ruleCount: 12, problems: [], isStale: false, deniesAll: false }),
    audit: () => ({ path: '', written: 5, lost: 2 }),
    drivers: () => [
      { name: 'qemu', guests: 1 },
      { name: 'libvirt', guests: 0, problem: 'virsh is missing' },
    ],
  }
}

/** A host with a guest that has called it once. */
async function setStage(test: Teardown): Promise<{ agents: JoinedAgents; lines: () => Promise<string[]> }> {
  const agents = await joinedAgents(test, { name: 'web1', uuid: webUuid })
  writeCommand({ folder: agents.host.folder, name: 'hello', script: 'echo hello' })
  const exposition = expositionOf(factsOf(agents))
  return { agents, lines: async () => (await exposition.text()).split('\n') }
}

test('the text tells of the peers and of the calls', async (t) => {
  const { agents, lines } = await setStage(t)
  const call = agents.toHost.open({ ask: 'run', command: 'missing', args: [], hasStdin: false })
  t.match(await call.result, { kind: 'unknown-command' })
  const told = await lines()
  for (const line of [
    'negotiator_peer_up{peer="web1"} 1',
    'negotiator_peer_condition{peer="web1",condition="ready"} 1',
    'negotiator_peer_calls_total{peer="web1"} 1',
    'negotiator_sessions_total{peer="web1",role="caller"} 1',
    'negotiator_calls_total{direction="in",result="unknown-command"} 1',
    'negotiator_call_duration_seconds_bucket{stage="all",le="+Inf"} 1',
    'negotiator_call_duration_seconds_count{stage="all"} 1',
    'negotiator_call_duration_seconds_count{stage="run"} 0',
    'negotiator_policy_rules 12',
    'negotiator_audit_records_lost_total 2',
    'negotiator_driver_up{driver="qemu"} 1',
    'negotiator_driver_up{driver="libvirt"} 0',
    'negotiator_driver_guests{driver="qemu"} 1',
    '# TYPE negotiator_call_duration_seconds histogram',
    '# TYPE negotiator_round_trip_seconds summary',
    'negotiator_round_trip_seconds_count{peer="web1"} 0',
  ])
    t.ok(told.includes(line), line)
  t.notOk(
    told.some((line) => line.includes('quantile=')),
    'and nothing of round trips before the first',
  )
  t.notOk(
    told.some((line) => /eventloop_lag_(?!seconds)/.test(line)),
    'but for what its own timer would spoil',
  )
  t.notOk(
    told.some((line) => /eventloop_lag_(?!seconds)/.test(line)),
    'and nothing that its own timer would spoil',
  )
  t.ok(
    told.some((line) => line.startsWith('process_cpu_seconds_total ')),
    'and of the process',
  )
})

test('the text is read anew each time', async (t) => {
  const { agents, lines } = await setStage(t)
  await lines()
  await agents.toGuest.ping()
  const line =
    (await lines()).find((one) =>
      one.startsWith('negotiator_round_trip_seconds{peer="web1",quantile="0.5"}'),
    ) ?? ''
  t.ok(Number(line?.split(' ').at(-1)) > 0, line)
  await agents.unplug()
  t.ok((await lines()).includes('negotiator_peer_up{peer="web1"} 0'))
})

test('no line stands twice, even if two guests have one name, and an odd name spoils nothing', async (t) => {
  const { agents, lines } = await setStage(t)
  const odd = 'a"b\\c\nd'
  for (const name of ['web1', odd]) agents.host.agent.addPeer({ name, caller: { kind: 'guest', name } })
  const told = (await lines()).filter((line) => line !== '' && !line.startsWith('#'))
  const series = told.map((line) => line.slice(0, line.lastIndexOf(' ')))
  t.equal(new Set(series).size, series.length)
  t.ok(series.includes(`negotiator_peer_up{peer="web1 (${webUuid})"}`))
  t.ok(series.includes('negotiator_peer_up{peer="a\\"b\\\\c\\nd"}'))
  t.same(
    told.filter((line) => !/^[a-z_\d]+(\{.*\})? [-.\de]+$/.test(line)),
    [],
  )
})

test('what a caller makes up is no label: the number of lines stays as it is', async (t) => {
  const { agents, lines } = await setStage(t)
  const call = async (command: string): Promise<unknown> =>
    await agents.toHost.open({ ask: 'run', command, args: [], hasStdin: false }).result
  await call('one')
  const before = (await lines()).filter((line) => line.startsWith('negotiator_')).length
  for (let count = 0; count < 50; count += 1) await call(`made-up-${count}`)
  t.equal((await lines()).filter((line) => line.startsWith('negotiator_')).length, before)
})
