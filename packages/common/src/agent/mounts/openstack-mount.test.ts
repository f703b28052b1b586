import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { test } from 'tap'
import { connectSocket } from '../../channel/socket-channel.js'
import { systemClock } from '../../clock.js'
import { encryptOld, OldKeyPair } from '../../dialects/openstack/old-key-exchange.js'
import { TestXenStoreServer } from '../../dialects/xenstore/test-xenstore-server.js'
import { silentLog } from '../../log.js'
import { testFolder, writeCommand } from '../../test-folder.js'
import { testAgent } from '../test-agents.js'
import { Mount } from './mount.js'
import { openConfiguredOpenStack } from './openstack-mount.js'
import { mountStage } from './test-mounts.js'

test('openConfiguredOpenStack() takes its options and no others', async (t) => {
  t.equal(openConfiguredOpenStack({ options: {} }).name, 'openstack')
  t.ok(openConfiguredOpenStack({ options: { 'old-key-exchange': true, version: '1.39.1' } }))
  const start = 'Cannot use the option'
  const cases: readonly (readonly [options: Record<string, unknown>, message: string])[] = [
    [
      { 'old-key-exchange': 1 },
      `${start} "old-key-exchange" of the dialect "openstack": wanted true or false`,
    ],
    [
      { version: 5 },
      `${start} "version" of the dialect "openstack": wanted a version in quotes, e.g. "1.39.1"`,
    ],
    [
      { version: 'a"b' },
      `${start} "version" of the dialect "openstack": wanted a version in quotes, e.g. "1.39.1"`,
    ],
    [
      { 'old-keyexchange': true },
      `${start} "old-keyexchange" of the dialect "openstack": there is no such option; did you mean "old-key-exchange"?`,
    ],
    [
      { xyz: 1 },
      `${start} "xyz" of the dialect "openstack": there is no such option; wanted old-key-exchange or version`,
    ],
  ]
  for (const [options, message] of cases)
    t.throws(() => openConfiguredOpenStack({ options }), { name: 'UsageError', code: 'bad-config', message })
})

test('the dialect on an exchange of lines', async (t) => {
  const { folder, attach, audit } = await mountStage(t, {
    dialect: 'openstack',
    options: { version: '1.39.1' },
  })
  writeCommand({ folder, name: 'kms-activate', script: 'grep -q 1-abc' })
  const peer = attach()
  // A new command is in the catalogue once the watch of its folder has told of it.
  for (let count = 1, known = ''; !known.includes('kmsactivate'); count += 1)
    known = await peer.ask('{"name": "features"}\n', new RegExp(`^(?:[^\n]+\n){${count}}$`))
  const requests = [
    { name: 'version', value: 'agent' },
    { name: 'features' },
    { name: 'kmsactivate', value: { activation_key: '1-abc' } },
    { name: 'nosuch' },
  ]
  const lines = requests.map((request) => `${JSON.stringify(request)}\n`).join('')
  const before = peer.end.received.length
  const answers = (await peer.ask(lines, /nosuch.*\n$/)).slice(before)
  t.same(answers.split('\n'), [
    '{"message": "1.39.1", "returncode": "0"}',
    '{"message": "version,features,kmsactivate", "returncode": "0"}',
    '{"message": "", "returncode": "0"}',
    `{"message": "No such agent command 'nosuch'", "returncode": "404"}`,
    '',
  ])
  t.match(audit.records, [{ command: 'kms-activate', via: 'openstack', caller: { name: 'host' } }])
  t.notMatch(JSON.stringify(audit.records), /1-abc/)
})

test('neither log nor audit shows a password, nor what was to hide it, nor a file', async (t) => {
  const { folder, attach, audit, logged } = await mountStage(t, {
    ...{ dialect: 'openstack', options: { 'old-key-exchange': true } },
  })
  for (const name of ['set-password', 'file-put'])
    writeCommand({ folder, name, script: 'cat >/dev/null; echo "it is locked" >&2; exit 1' })
  const peer = attach()
  const pair = new OldKeyPair()
  const keys = await peer.ask(`{"name": "keyinit", "value": "${pair.publicKey}"}\n`, /"D0"\}\n$/)
  const { message: guestKey } = JSON.parse(keys) as { message: string }
  const value = encryptOld('s3cret\n', pair.secretWith(guestKey) ?? '').toString('base64')
  await peer.ask(`{"name": "password", "value": "${value}"}\n`, /locked.*\n$/)
  const file = Buffer.from('/etc/x,hunter2').toString('base64')
  await peer.ask(`{"name": "injectfile", "value": "${file}"}\n`, /locked.*\n.*locked.*\n$/)
  t.match(audit.records, [
    { command: 'set-password', via: 'openstack' },
    { command: 'file-put', via: 'openstack' },
  ])
  const told = [JSON.stringify(audit.records), ...logged].join('\n')
  for (const secret of ['s3cret', 'hunter2', value, file, pair.publicKey, guestKey])
    t.notOk(told.includes(secret), secret)
})

test('the dialect on an exchange in XenStore, and again when its daemon was away', async (t) => {
  const path = join(testFolder(t), 'xenstore')
  const server = await TestXenStoreServer.listen(path)
  t.teardown(() => server.close())
  const { agent, audit, folder } = await testAgent(t, { side: 'guest' })
  writeCommand({ folder, name: 'apply-network', script: 'grep -q web1' })
  const mount = new Mount(
    { dialect: 'openstack', exchange: 'xenstore', path },
    {
      side: 'guest',
      clock: systemClock,
      log: silentLog,
      serve: (call) => agent.servePeer(call, { kind: 'host' }),
      openChannel: async () => await connectSocket({ path }),
    },
  )
  t.teardown(async () => await mount.close())
  server.write('/local/domain/0/vm-data/hostname', 'web1')
  server.write('/local/domain/0/vm-data/networking/BC764E08DBA9', '{"mac":"BC:76:4E:08:DB:A9"}')
  for (const id of ['first', 'second']) {
    server.write(`/local/domain/0/data/host/${id}`, '{"name":"resetnetwork","value":""}')
    const answer = `/local/domain/0/data/guest/${id}`
    while (!server.tree.has(answer)) await setTimeout(5)
    t.equal(server.tree.read(answer).toString(), '{"message": "", "returncode": "0"}')
    server.hangUp()
  }
  t.match(audit.records, [{ command: 'apply-network', via: 'openstack' }, {}])
})
