import { test } from 'tap'
import {
  appliedNetworkSchema,
  disksSchema,
  filePutSchema,
  lastNetworkChangeSchema,
  memorySchema,
  networkInterfacesSchema,
  sshKeyChangeSchema,
  timezoneSchema,
} from '../system.js'

const memory = {
  totalBytes: 2 ** 30,
  freeBytes: 1,
  availableBytes: 2,
  buffersBytes: 0,
  cachedBytes: 0,
  swapTotalBytes: 0,
  swapFreeBytes: 0,
}

test('memorySchema takes bytes and nothing else', (t) => {
  t.same(memorySchema.parse(memory), memory)
  const { freeBytes: _, ...missing } = memory
  const wrong = [{}, missing, { ...memory, more: 1 }, { ...memory, freeBytes: -1 }]
  const odd = ['1', null, 0.5, Number.NaN].map((freeBytes) => ({ ...memory, freeBytes }))
  for (const value of [...wrong, ...odd])
    t.notOk(memorySchema.safeParse(value).success, JSON.stringify(value))
  t.end()
})

test('networkInterfacesSchema wants addresses with their lengths', (t) => {
  const card = { name: 'eth0', mac: '52:54:00:12:34:56', isUp: true, isLoopback: false, mtuBytes: 1500 }
  const isGood = (change: object): boolean =>
    networkInterfacesSchema.safeParse({ interfaces: [{ ...card, ipv4: [], ipv6: [], ...change }] }).success
  t.ok(isGood({ ipv4: ['192.0.2.7/24'], ipv6: ['fe80::1/64'] }))
  t.ok(isGood({ mac: null, mtuBytes: null }))
  for (const change of [{ ipv4: ['192.0.2.7'] }, { ipv6: ['192.0.2.7/24'] }, { mac: '52-54' }, { name: '' }])
    t.notOk(isGood(change), JSON.stringify(change))
  t.end()
})

test('what a machine cannot tell is null, and never missing', (t) => {
  const zone = { name: null, offsetMinutes: -210, standardOffsetMinutes: null, isDaylightSaving: null }
  t.ok(timezoneSchema.safeParse(zone).success)
  t.notOk(timezoneSchema.safeParse({ offsetMinutes: 0 }).success)
  t.notOk(timezoneSchema.safeParse({ ...zone, name: '' }).success)
  t.ok(disksSchema.safeParse({ disks: [] }).success)
  t.notOk(disksSchema.safeParse({}).success)
  t.end()
})

test('filePutSchema wants facts of a file, each as it is written', (t) => {
  const facts = { path: '/srv/x', sizeBytes: 3, sha256: 'a'.repeat(64), mode: '0640', uid: 0, gid: 0 }
  const answer = { ...facts, isReplaced: false, isChanged: true, isDryRun: false, backup: null }
  t.same(filePutSchema.parse(answer), answer)
  for (const change of [
    { path: 'srv/x' },
    { sizeBytes: -1 },
    { sha256: 'A'.repeat(64) },
    { mode: '640' },
    { uid: '0' },
  ])
    t.notOk(filePutSchema.safeParse({ ...answer, ...change }).success, JSON.stringify(change))
  t.notOk(filePutSchema.safeParse(facts).success)
  t.end()
})

test('sshKeyChangeSchema wants fingerprints, and no keys', (t) => {
  const answer = { user: 'me', isChanged: true, isDryRun: false, fingerprints: [], backup: null }
  t.ok(sshKeyChangeSchema.safeParse(answer).success)
  t.ok(sshKeyChangeSchema.safeParse({ ...answer, fingerprints: [`SHA256:${'a'.repeat(43)}`] }).success)
  t.notOk(sshKeyChangeSchema.safeParse({ ...answer, fingerprints: ['ssh-ed25519 AAAA'] }).success)
  t.end()
})

test('appliedNetworkSchema and lastNetworkChangeSchema know each state', (t) => {
  const interfaces = [
    { name: 'eth0', mac: 'bc:76:4e:08:db:a9', addresses: ['192.0.2.42/24', '2001:db8::42/64'] },
  ]
  const change = { backend: 'netplan', interfaces, files: ['/etc/netplan/a.yaml'] }
  const applied = { ...change, notes: [], state: 'pending', confirmWithinSeconds: 60 }
  t.ok(appliedNetworkSchema.safeParse(applied).success)
  t.notOk(appliedNetworkSchema.safeParse({ ...applied, state: 'confirmed' }).success)
  t.notOk(
    appliedNetworkSchema.safeParse({
      ...applied,
      interfaces: [{ ...interfaces[0], addresses: ['192.0.2.42'] }],
    }).success,
  )
  const told = { madeAt: '2026-11-21T18:30:00.000Z', caller: 'host', secondsLeft: null, isForgotten: false }
  t.ok(lastNetworkChangeSchema.safeParse({ ...change, ...told, state: 'rolled-back' }).success)
  t.ok(lastNetworkChangeSchema.safeParse({ state: 'none' }).success)
  t.notOk(lastNetworkChangeSchema.safeParse({ state: 'confirmed' }).success)
  t.end()
})
