import { test } from 'tap'
import { encodeMessage, readMessage } from './message.js'
import { paint } from './guest-messages.js'
import type { Painted } from './guest-messages.js'

function painted(line: string): Painted {
  const read = readMessage(Buffer.from(line))
  if (read.kind === 'garbage') throw new Error(read.reason)
  return paint(read.name, read.fields)
}

/** What real agents were seen to say, and what of the picture it paints. */
const vectors: readonly (readonly [string, object])[] = [
  ['{"__name__": "session-startup"}', {}],
  ['{"__name__": "session-shutdown"}', {}],
  ['{"__name__": "session-logon"}', { session: 'logged-on' }],
  ['{"__name__": "session-logoff"}', { session: 'logged-off' }],
  ['{"__name__": "session-lock"}', { session: 'locked' }],
  ['{"__name__": "session-unlock"}', { session: 'unlocked' }],
  ['{"__name__": "host-name", "name": "vm1"}', { hostName: 'vm1' }],
  ['{"__name__": "fqdn", "fqdn": "vm1.example.org"}', { fqdn: 'vm1.example.org' }],
  ['{"__name__": "os-version", "version": "6.1.0-13-amd64"}', { osVersion: '6.1.0-13-amd64' }],
  [
    '{"__name__": "network-interfaces", "interfaces": [{"name": "eth0", "inet": ["10.0.0.2"], "inet6": ["fe80::1"], "hw": "00:1a:4a:23:10:00"}]}',
    { interfaces: [{ name: 'eth0', mac: '00:1a:4a:23:10:00', ipv4: ['10.0.0.2'], ipv6: ['fe80::1'] }] },
  ],
  [
    '{"__name__": "applications", "applications": ["kernel-2.6.32-131.4.1.el6"]}',
    { applications: ['kernel-2.6.32-131.4.1.el6'] },
  ],
  ['{"__name__": "active-user", "name": "None"}', { activeUser: null }],
  ['{"__name__": "active-user", "name": "eve"}', { activeUser: 'eve' }],
  [
    '{"__name__": "disks-usage", "disks": [{"path": "/", "total": 12638248960, "used": 4096, "fs": "overlay"}], "mapping": {"SERIAL": {"name": "/dev/vda"}}}',
    {
      disks: [{ path: '/', fileSystem: 'overlay', totalBytes: 12638248960, usedBytes: 4096 }],
      diskMapping: { SERIAL: '/dev/vda' },
    },
  ],
  [
    '{"__name__": "memory-stats", "memory": {"mem_total": 4, "mem_free": 2}}',
    { memory: { totalBytes: 4096, freeBytes: 2048 } },
  ],
  [
    '{"__name__": "heartbeat", "free-ram": "23262", "apiVersion": 3, "memory-stat": {"mem_total": 24684084, "mem_free": 23821292, "mem_unused": 23680908, "mem_buffers": 5464, "mem_cached": 134920, "swap_in": 0, "swap_out": 0, "swap_usage": 0, "swap_total": 0, "pageflt": 0, "majflt": 0}}',
    {
      memory: {
        ...{ totalBytes: 25276502016, freeBytes: 24393003008, unusedBytes: 24249249792 },
        ...{ buffersBytes: 5595136, cachedBytes: 138158080, swapTotalBytes: 0, swapUsedBytes: 0 },
        ...{ swapInPagesPerSecond: 0, swapOutPagesPerSecond: 0 },
        ...{ pageFaultsPerSecond: 0, majorPageFaultsPerSecond: 0 },
      },
    },
  ],
  ['{"__name__": "heartbeat", "free-ram": "2"}', { memory: { freeBytes: 2097152 } }],
  ['{"__name__": "echo", "a": [1, {"b": null}]}', {}],
  ['{"__name__": "number-of-cpus", "count": 2}', { cpuCount: 2 }],
  ['{"__name__": "number-of-cpus", "count": -1}', { cpuCount: null }],
  [
    '{"__name__": "timezone", "zone": "Etc/UTC", "offset": 0}',
    { timezone: { zone: 'Etc/UTC', offsetMinutes: 0 } },
  ],
  [
    '{"__name__": "os-info", "distribution": "", "version": "", "codename": "", "arch": "", "type": "linux", "kernel": ""}',
    { system: { distribution: '', version: '', codename: '', architecture: '', type: 'linux', kernel: '' } },
  ],
  [
    '{"__name__": "containers", "list": [{"id": "c0", "names": ["/web"], "image": "nginx", "command": "nginx", "status": "Up"}]}',
    { containers: [{ id: 'c0', names: ['/web'], image: 'nginx', command: 'nginx', status: 'Up' }] },
  ],
  ['{"__name__": "completion", "reply_id": "r4", "done": true}', {}],
  ['{"__name__": "uninstalled"}', { applications: [] }],
]

test('paint() reads each message of a guest', async (t) => {
  for (const [line, part] of vectors) {
    const read = painted(line)
    t.equal(read.kind, 'part', line)
    if (read.kind === 'part') t.same(JSON.parse(JSON.stringify(read.part)), part, line)
  }
})

test('encodeMessage() writes each byte as it was read', async (t) => {
  for (const [line] of vectors) {
    const read = readMessage(Buffer.from(line))
    if (read.kind === 'message') t.equal(encodeMessage(read.name, read.fields).toString(), line)
  }
})

test('paint() takes numbers as texts, and what older agents leave out', async (t) => {
  const disks = painted(
    '{"__name__": "disks-usage", "disks": [{"path": "C:\\\\", "total": "900", "used": "10.6"}]}',
  )
  t.same(disks, {
    kind: 'part',
    part: {
      disks: [{ path: 'C:\\', fileSystem: '', totalBytes: 900, usedBytes: 11 }],
      diskMapping: {},
    },
  })
  t.same(painted('{"__name__": "network-interfaces", "interfaces": [{"name": "eth0", "inet": null}]}'), {
    kind: 'part',
    part: { interfaces: [{ name: 'eth0', mac: '', ipv4: [], ipv6: [] }] },
  })
})

test('paint() refuses what a schema does not allow, and says where, not what', async (t) => {
  for (const [line, reason] of [
    ['{"__name__": "make-tea"}', 'no such message is known'],
    ['{"__name__": "constructor"}', 'no such message is known'],
    ['{"__name__": "number-of-cpus", "count": null}', 'wrong or missing: count'],
    ['{"__name__": "number-of-cpus", "count": "many"}', 'wrong or missing: count'],
    ['{"__name__": "host-name"}', 'wrong or missing: name'],
    ['{"__name__": "applications", "applications": {"0": "a"}}', 'wrong or missing: applications'],
    ['{"__name__": "heartbeat", "free-ram": "lots"}', 'wrong or missing: free-ram'],
    [
      '{"__name__": "disks-usage", "disks": [{"path": "/", "total": null, "used": 1}]}',
      'wrong or missing: disks.0.total',
    ],
  ] as const)
    t.same(painted(line), { kind: 'refused', reason }, line)
})

test('paint() keeps so many entries and characters of a guest, and no more', async (t) => {
  const many = JSON.stringify({ __name__: 'applications', applications: Array(20_000).fill('x'.repeat(9)) })
  const { part } = painted(many) as { part: { applications: readonly string[] } }
  t.equal(part.applications.length, 2_048)
  const long = painted(JSON.stringify({ __name__: 'host-name', name: 'x'.repeat(100_000) }))
  t.equal((long as { part: { hostName: string } }).part.hostName.length, 512)
  const mapping = Object.fromEntries(Array.from({ length: 9_000 }, (_none, id) => [`s${id}`, { name: 'x' }]))
  const disks = painted(JSON.stringify({ __name__: 'disks-usage', disks: [], mapping }))
  t.equal(Object.keys((disks as { part: { diskMapping: object } }).part.diskMapping).length, 2_048)
  const proto = painted('{"__name__": "disks-usage", "disks": [], "mapping": {"__proto__": {"name": "x"}}}')
  t.equal(proto.kind, 'part')
  t.equal(({} as { name?: string }).name, undefined, 'nothing of ours is changed by a name')
})
