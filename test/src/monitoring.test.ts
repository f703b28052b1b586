/**
 * The dashboard and the page on monitoring name the metrics that there are, and no others.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { Agent, silentLog, systemClock } from '@negotiator/common'
import {
  daemonMetrics,
  driverMetrics,
  expositionOf,
  peerMetrics,
  testAudit,
  testJudge,
  openStartProcess,
} from '@negotiator/common/testing'
import type { MetricDescription } from '@negotiator/common/testing'
import type { Teardown } from '@negotiator/common/testing'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/monitoring.md'), 'utf8')
const dashboard: unknown = JSON.parse(readFileSync(join(root, 'packaging/grafana/negotiator.json'), 'utf8'))

const described: readonly MetricDescription[] = [...daemonMetrics, ...driverMetrics, ...peerMetrics]
const namePattern = /\b(?:negotiator|process|nodejs)_[a-z_\d]+/g

/** The names under which values of a metric may be asked for. */
function seriesOf({ name, type }: MetricDescription): readonly string[] {
  if (type === 'histogram') return [`${name}_bucket`, `${name}_sum`, `${name}_count`]
  return type === 'summary' ? [name, `${name}_sum`, `${name}_count`] : [name]
}

/** All that a host's daemon tells the type of. */
async function typedNames(test: Teardown): Promise<readonly string[]> {
  const heartbeat = { intervalMs: 5_000, deadMs: 15_000 }
  const agent = await Agent.open({
    side: 'host',
    folders: [],
    clock: systemClock,
    log: silentLog,
    heartbeat,
    judge: testJudge(),
    audit: testAudit(),
    startProcess: await openStartProcess(),
  })
  test.teardown(async () => await agent.close())
  const { text } = expositionOf({
    side: 'host',
    agent,
    policy: () => ({ files: [], ruleCount: 0, problems: [], isStale: false, deniesAll: false }),
    audit: () => ({ path: '', written: 0, lost: 0 }),
  })
  return [...(await text()).matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name ?? '')
}

/** Every text under a key, however deep. */
function textsUnder(key: string, value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([each, inner]) =>
    each === key && typeof inner === 'string' ? [inner] : textsUnder(key, inner),
  )
}

test('every metric that the dashboard asks for exists', async (t) => {
  const known = new Set([...(await typedNames(t)), ...described.flatMap(seriesOf)])
  const expressions = [...textsUnder('expr', dashboard), ...textsUnder('definition', dashboard)]
  const asked = expressions.flatMap((expression) => expression.match(namePattern) ?? [])
  t.ok(asked.length > 20, `${asked.length} names`)
  t.same(
    asked.filter((name) => !known.has(name)),
    [],
  )
})

test('every label that the dashboard asks for is one of that metric, or of the scrape', (t) => {
  const ofScrape = ['instance', 'job']
  const faults = textsUnder('expr', dashboard).flatMap((expression) => {
    const metric = described.find((one) => seriesOf(one).some((name) => expression.includes(`${name}{`)))
    const used = [
      ...expression.matchAll(/([a-z]+)(?:=~|!~|!=|=)"/g),
      ...expression.matchAll(/by \(([^)]*)\)/g),
    ]
    const labels = used.flatMap(([, names = '']) => names.split(', '))
    return labels.filter((label) => !ofScrape.includes(label) && metric?.labels.includes(label) !== true)
  })
  t.same(faults, [])
  t.end()
})

test('the panels of the dashboard do not overlap, and each has an id of its own', (t) => {
  const { panels } = dashboard as {
    panels: readonly { id: number; gridPos: { x: number; y: number; w: number; h: number } }[]
  }
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`),
  )
  t.equal(new Set(cells).size, cells.length)
  t.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  t.end()
})

test('the table in docs/monitoring.md is that of the metrics', (t) => {
  const rows = page
    .split('\n')
    .filter((line) => /^\| `negotiator_[a-z_]+` \|/.test(line) && line.split('|').length === 6)
  const wanted = described.map(({ name, type, labels, help }) => {
    const shown = labels
      .filter((label) => label !== 'le' && label !== 'quantile')
      .map((label) => `\`${label}\``)
    return `| \`${name}\` | ${type} | ${shown.join(', ')} | ${help} |`.replaceAll('|  |', '| |')
  })
  t.same(rows, wanted)
  t.end()
})

test('every metric that docs/monitoring.md names exists', async (t) => {
  const known = new Set([...(await typedNames(t)), ...described.flatMap(seriesOf)])
  const named = page.match(namePattern) ?? []
  t.ok(named.length > 20)
  t.same(
    named.filter((name) => !known.has(name)),
    [],
  )
})
