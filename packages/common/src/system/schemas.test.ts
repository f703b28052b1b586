import { test } from 'tap'
import { disksSchema, memorySchema, networkInterfacesSchema, timezoneSchema } from '../system.js'

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
