import { test } from 'tap'
import { daemonMetrics, driverMetrics } from './daemon-metrics.js'
import { peerMetrics } from './peer-metrics.js'

// The conventions of https://prometheus.io/docs/practices/naming/

const all = [...daemonMetrics, ...driverMetrics, ...peerMetrics]

test('each metric has a name of its own, and says in a sentence what it is', (t) => {
  t.equal(new Set(all.map(({ name }) => name)).size, all.length)
  t.same(
    all.filter(({ help }) => !/^[A-Z1].*\.$/.test(help)).map(({ name }) => name),
    [],
  )
  t.end()
})

for (const { name, type, labels } of all)
  test(`${name} has a name as Prometheus wants it`, (t) => {
    t.match(name, /^negotiator(_[a-z]+)+$/)
    t.equal(name.endsWith('_total'), type === 'counter', 'counters end in _total, and nothing else does')
    t.notMatch(
      name,
      /_(ms|milliseconds|kb|count|sum|bucket)$/,
      'base units, and no ending that Prometheus uses',
    )
    t.equal(labels.includes('le'), type === 'histogram')
    t.equal(labels.includes('quantile'), type === 'summary')
    t.end()
  })
