import { test } from 'tap'
import { parseMetricsAddress } from './metrics-address.js'

const taken = {
  'unix:/run/negotiator/metrics.sock': { kind: 'unix', path: '/run/negotiator/metrics.sock' },
  '127.0.0.1:9464': { kind: 'tcp', host: '127.0.0.1', port: 9464 },
  '127.1.2.255:65535': { kind: 'tcp', host: '127.1.2.255', port: 65_535 },
  '[::1]:9464': { kind: 'tcp', host: '::1', port: 9464 },
}

for (const [text, address] of Object.entries(taken))
  test(`parseMetricsAddress() takes "${text}"`, (t) => {
    t.same(parseMetricsAddress(text), address)
    t.end()
  })

const refused = [
  '',
  '0.0.0.0:9464',
  '[::]:9464',
  ':9464',
  '9464',
  '192.168.1.7:9464',
  '127.0.0.1',
  '127.0.0.1:0',
  '127.0.0.1:65536',
  '127.0.0.256:9464',
  '127.0.0:9464',
  '127.0.0.1.nip.io:9464',
  '0127.0.0.1:9464',
  '::1:9464',
  '[::ffff:127.0.0.1]:9464',
  'localhost:9464',
  'unix:metrics.sock',
  'unix:',
  '/run/metrics.sock',
  'http://127.0.0.1:9464',
]

for (const text of refused)
  test(`parseMetricsAddress() refuses "${text}"`, (t) => {
    t.equal(parseMetricsAddress(text), undefined)
    t.end()
  })
