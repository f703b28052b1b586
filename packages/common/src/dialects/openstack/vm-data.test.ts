import { test } from 'tap'
import { XenStoreTree } from '../xenstore/test-xenstore-tree.js'
import type { ReadableNodes } from '../exchange.js'
import { readVmData } from './vm-data.js'

/** As OpenStack's host writes it. */
const record =
  '{"label":"public","mac":"BC:76:4E:08:DB:A9","gateway":"192.0.2.1","broadcast":"192.0.2.255",' +
  '"ips":[{"ip":"192.0.2.42","enabled":"1","netmask":"255.255.255.0","gateway":"192.0.2.1"}],' +
  '"gateway_v6":"fe80::1","ip6s":[{"ip":"2001:db8::42","enabled":"1","netmask":64,"gateway":"fe80::1"}],' +
  '"routes":[{"route":"10.0.0.0","netmask":"255.0.0.0","gateway":"192.0.2.254"}],"dns":["192.0.2.53"]}'

function storeOf(values: Readonly<Record<string, string>>): ReadableNodes {
  const tree = new XenStoreTree()
  for (const [path, value] of Object.entries(values)) tree.write(`/${path}`, Buffer.from(value))
  const there = async <Value>(path: string, take: () => Value): Promise<Value | undefined> =>
    await Promise.resolve(tree.has(`/${path}`) ? take() : undefined)
  return {
    read: async (path) => await there(path, () => tree.read(`/${path}`)),
    list: async (path) => await there(path, () => tree.list(`/${path}`)),
  }
}

test('readVmData() brings the host name and each record as its host wrote it', async (t) => {
  const store = storeOf({
    'vm-data/hostname': 'web1',
    'vm-data/networking/BC764E08DBA9': record,
    'vm-data/networking/BC764E08DBAA': '{"mac":"BC:76:4E:08:DB:AA","gateway6":"fe80::2"}',
  })
  t.same(await readVmData(store), {
    hostName: 'web1',
    networks: [JSON.parse(record), { mac: 'BC:76:4E:08:DB:AA', gateway6: 'fe80::2' }],
  })
})

test('readVmData() does without what is not there', async (t) => {
  t.same(await readVmData(storeOf({})), { networks: [] })
  const relative = storeOf({ 'vm-data/hostname': '' })
  t.same(await readVmData(relative), { networks: [] })
})

test('readVmData() names the record that is no JSON', async (t) => {
  const store = storeOf({ 'vm-data/networking/X': 'x' })
  await t.rejects(readVmData(store), {
    name: 'PeerError',
    code: 'bad-vm-data',
    message: 'Cannot read the record vm-data/networking/X: it is no JSON; its host has to write it anew',
  })
})
