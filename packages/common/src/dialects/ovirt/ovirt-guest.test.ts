import { test } from 'tap'
import { LineEnd, mount, TestGuest } from './test-guest.js'

const startBurst = [
  '{"__name__": "session-startup"}',
  '{"__name__": "host-name", "name": "vm1"}',
  '{"__name__": "fqdn", "fqdn": "vm1.example.org"}',
  '{"__name__": "os-version", "version": "6.1.0-13-amd64"}',
  '{"__name__": "network-interfaces", "interfaces": [{"name": "eth0", "inet": ["10.0.0.2"], "inet6": ["fe80::1"], "hw": "00:1a:4a:23:10:00"}]}',
  '{"__name__": "active-user", "name": "None"}',
  '{"__name__": "applications", "applications": ["kernel-2.6.32-131.4.1.el6"]}',
  '{"__name__": "disks-usage", "disks": [{"path": "/", "total": 12638248960, "used": 4096, "fs": "overlay"}], "mapping": {"SERIAL": {"name": "/dev/vda"}}}',
]

const newerMessages = [
  '{"__name__": "os-info", "distribution": "Debian GNU/Linux", "version": "12", "codename": "bookworm", "arch": "x86_64", "type": "linux", "kernel": "6.1.0-13-amd64"}',
  '{"__name__": "containers", "list": [{"id": "c0ffee", "names": ["/web"], "image": "nginx", "command": "nginx -g", "status": "Up 2 hours"}]}',
  '{"__name__": "timezone", "zone": "Etc/UTC", "offset": 0}',
  '{"__name__": "number-of-cpus", "count": 2}',
]

function heartbeat(apiVersion: number): string {
  return (
    `{"__name__": "heartbeat", "free-ram": "23262", "apiVersion": ${apiVersion}, "memory-stat": {"mem_total": 24684084, ` +
    '"mem_free": 23821292, "mem_unused": 23680908, "mem_buffers": 5464, "mem_cached": 134920, "swap_in": 0, "swap_out": 0, ' +
    '"swap_usage": 0, "swap_total": 0, "pageflt": 0, "majflt": 0}}'
  )
}

function sorted(lines: readonly string[]): readonly string[] {
  return [...lines].sort()
}

/** Negotiates a version as VDSM does. */
async function agree(host: LineEnd, apiVersion: number): Promise<void> {
  await host.say({ __name__: 'api-version', apiVersion })
  await host.lines()
}

test('a guest begins with what every version knows, byte for byte, and beats each 5 s', async (t) => {
  const stage = new TestGuest()
  const host = new LineEnd(stage.plug())
  const lines = await host.lines()
  t.equal(lines[0], startBurst[0])
  t.same(sorted(lines), sorted(startBurst))
  await stage.clock.advance(4_999)
  t.same(await host.lines(), [])
  await stage.clock.advance(1)
  t.same(await host.lines(), [heartbeat(0)])
  await stage.clock.advance(5_000)
  t.same(await host.lines(), [heartbeat(3)])
  await stage.unplug()
  t.equal(stage.clock.timerCount, 0, 'no timer is left')
})

test('each API version brings its messages, and going back takes them away', async (t) => {
  const stage = new TestGuest()
  const host = new LineEnd(stage.plug())
  await host.lines()
  const later = ['number-of-cpus', 'os-info', 'timezone', 'containers']
  for (const [version, told] of [
    [1, ['number-of-cpus']],
    [2, ['number-of-cpus', 'os-info', 'timezone']],
    [3, later],
    [0, []],
    [99, later],
    [-5, []],
    ['3', later],
  ] as const) {
    await host.say({ __name__: 'api-version', apiVersion: version })
    const names = await host.names()
    t.same(sorted(names.filter((name) => later.includes(name))), sorted(told), `version ${version}`)
    t.ok(names.includes('host-name'), 'a new version is followed by everything')
  }
  await host.say({ __name__: 'api-version', apiVersion: 3 }, { __name__: 'api-version', apiVersion: 'three' })
  t.same(await host.lines(), [], 'the same version, and none, change nothing')
  t.ok(stage.logged.some((line) => line.includes('Cannot set the API version: it must be a whole number')))
  await stage.unplug()
})

test('refresh tells everything; with a version it raises none, without one it ends all', async (t) => {
  const stage = new TestGuest()
  const host = new LineEnd(stage.plug())
  await host.lines()
  await host.say({ __name__: 'refresh', apiVersion: 3 })
  t.same(sorted(await host.lines()), sorted(startBurst.slice(1)))
  await agree(host, 3)
  await host.say({ __name__: 'refresh', apiVersion: 3 })
  t.same(sorted(await host.lines()), sorted([...startBurst.slice(1), ...newerMessages]))
  await host.say({ __name__: 'refresh' })
  t.same(sorted(await host.lines()), sorted(startBurst.slice(1)))
  await stage.unplug()
})

test('facts are told again at their times, and in between those that have changed, once', async (t) => {
  const stage = new TestGuest()
  const host = new LineEnd(stage.plug())
  await agree(host, 3)
  const heard: string[] = []
  for (let second = 1; second <= 300; second += 1) {
    await stage.clock.advance(1_000)
    for (const name of await host.names()) if (name !== 'heartbeat') heard.push(`${second} ${name}`)
  }
  const inventory = ['host-name', 'fqdn', 'os-version', 'os-info', 'network-interfaces', 'applications']
  const named = (seconds: number, names: readonly string[]): readonly string[] =>
    names.map((name) => `${seconds} ${name}`)
  t.same(
    sorted(heard),
    sorted([
      ...[60, 120, 180, 240, 300].flatMap((seconds) => named(seconds, ['number-of-cpus'])),
      ...[120, 240].flatMap((seconds) => named(seconds, [...inventory, 'containers', 'timezone'])),
      ...named(300, ['disks-usage']),
    ]),
  )
  await stage.unplug()
})

test('what changes is told alone, at the next look', async (t) => {
  const stage = new TestGuest()
  const host = new LineEnd(stage.plug())
  await agree(host, 3)
  stage.answers.set('host-name', { json: { name: 'vm2', fqdn: 'vm1.example.org' } })
  stage.answers.set('disks-usage', { json: { fileSystems: [mount(9999)] } })
  await stage.clock.advance(30_000)
  const names = (await host.lines()).filter((line) => !line.includes('heartbeat'))
  t.same(names, ['{"__name__": "host-name", "name": "vm2"}'], 'a fuller disk is no change')
  stage.answers.set('disks-usage', { json: { fileSystems: [mount(1), { ...mount(1), path: '/data' }] } })
  await stage.clock.advance(30_000)
  const later = (await host.names()).filter((name) => name !== 'heartbeat')
  t.same(sorted(later), ['disks-usage', 'number-of-cpus'], 'a new one is')
  await stage.unplug()
})

test('who is logged in, and whether the screen is locked, is told when it changes', async (t) => {
  const stage = new TestGuest()
  const host = new LineEnd(stage.plug())
  await host.lines()
  const sits = async (name: string | null, isLocked: boolean | null): Promise<readonly string[]> => {
    stage.answers.set('active-user', { json: { name, terminal: 'tty1', isLocked } })
    await stage.clock.advance(10_000)
    return (await host.lines()).filter((line) => !line.includes('heartbeat'))
  }
  t.same(await sits(null, null), [])
  t.same(await sits('eve', false), [
    '{"__name__": "active-user", "name": "eve"}',
    '{"__name__": "session-logon"}',
  ])
  t.same(await sits('eve', true), ['{"__name__": "session-lock"}'])
  const [, ...none] = await sits('eve', true)
  t.same(none, [])
  t.ok((await sits('eve', false)).includes('{"__name__": "session-unlock"}'))
  t.same(await sits(null, null), [
    '{"__name__": "active-user", "name": "None"}',
    '{"__name__": "session-logoff"}',
  ])
  await stage.unplug()
})

test('a host that comes back is told everything, and that nothing has begun', async (t) => {
  const stage = new TestGuest()
  const first = new LineEnd(stage.plug())
  await agree(first, 3)
  await stage.unplug()
  const second = new LineEnd(stage.plug())
  t.same(sorted(await second.lines()), sorted(startBurst.slice(1)), 'at version 0 again')
  await stage.clock.advance(5_000)
  t.same(await second.lines(), [heartbeat(0)])
  stage.farewell()
  t.same(await second.lines(), ['{"__name__": "session-shutdown"}'])
  await stage.unplug()
})

test('a fact that cannot be had is not told, and the log says why, once', async (t) => {
  const stage = new TestGuest()
  stage.answers.set('containers', { result: { kind: 'exited', code: 69 }, stderr: 'no docker here\n' })
  stage.answers.set('timezone', { json: { name: 5 } })
  stage.answers.delete('applications')
  stage.answers.set('cpus', { result: { kind: 'denied', reason: 'no rule allows it' } })
  const host = new LineEnd(stage.plug())
  await agree(host, 3)
  await stage.clock.advance(120_000)
  const names = await host.names()
  t.notOk(names.some((name) => ['containers', 'timezone', 'applications', 'number-of-cpus'].includes(name)))
  const linesOn = (text: string): number => stage.logged.filter((line) => line.includes(text)).length
  t.equal(linesOn('Cannot ask \\"containers\\": it ended with exit status 69: no docker here'), 1)
  t.equal(linesOn('its answer has not the form that it promises'), 1)
  t.equal(linesOn('there is no command \\"applications\\" on this guest'), 1)
  t.equal(linesOn('Cannot ask \\"cpus\\": no rule allows it'), 1)
  await stage.unplug()
})

test('texts are cleaned as they go out', async (t) => {
  const stage = new TestGuest()
  stage.answers.set('host-name', { json: { name: 'a\u0007b\u001b[2Jc\ud800d\uffffe\tf', fqdn: 'ä.example' } })
  const host = new LineEnd(stage.plug())
  const lines = await host.lines()
  t.ok(lines.includes('{"__name__": "host-name", "name": "a\\ufffdb\\ufffd[2Jc\\ufffdd\\ufffde\\tf"}'))
  t.ok(lines.includes('{"__name__": "fqdn", "fqdn": "\\u00e4.example"}'), 'in ASCII, as Python writes it')
  await stage.unplug()
})

test('what is told, and how often, can be chosen', async (t) => {
  const stage = new TestGuest({
    filters: { applications: ['ba*'], ignoredInterfaces: ['eth*'], ignoredFileSystems: ['overlay'] },
    periods: { inventoryMs: 7_000, heartbeatMs: 60_000 },
  })
  const host = new LineEnd(stage.plug())
  const lines = await host.lines()
  t.ok(lines.includes('{"__name__": "applications", "applications": ["bash-4.1"]}'))
  t.match(lines.join('\n'), /"interfaces": \[\{"name": "docker0"/)
  t.match(lines.join('\n'), /"disks": \[\{"path": "\/", "total": 12638248960, "used": 0, "fs": "tmpfs"\}\]/)
  await stage.clock.advance(7_000)
  t.ok((await host.names()).includes('applications'))
  await stage.unplug()
})
