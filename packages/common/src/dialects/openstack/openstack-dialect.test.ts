import { createHash } from 'node:crypto'
import { test } from 'tap'
import { SystemError } from '../../errors.js'
import { version } from '../../version.js'
import type { ReadableNodes } from '../exchange.js'
import { encryptOld, OldKeyPair } from './old-key-exchange.js'
import { OpenStackStage } from './test-openstack-stage.js'

const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64')
const done = { returncode: '0', message: '' }

test('version tells ours unless another is wanted', async (t) => {
  t.same(await new OpenStackStage().call('version', 'agent'), { returncode: '0', message: version })
})

test('features lists what would not be refused', async (t) => {
  const stage = new OpenStackStage()
  stage.names = ['file-put', 'hello', 'set-password']
  t.equal((await stage.call('features')).message, 'version,features,injectfile,file_inject')
  stage.names = []
  t.equal((await stage.call('features')).message, 'version,features')
})

test('whatever cannot be read is answered, and calls nothing', async (t) => {
  const stage = new OpenStackStage({ hasOldKeyExchange: true })
  const malformed = '{"message": "Request is malformed", "returncode": "500"}'
  const bodies = [
    '',
    'x',
    '[]',
    '"version"',
    '5',
    'null',
    '{"name": 5}',
    '{"name": null}',
    '{"name": ["version"]}',
  ]
  for (const body of bodies) t.equal(await stage.ask(body), malformed, body)
  t.equal(await stage.ask(Buffer.of(0x7b, 0xff, 0xfe)), malformed, 'not UTF-8')
  t.equal(await stage.ask(Buffer.from('{"name": "version\xff"}', 'latin1')), malformed, 'not UTF-8 in a text')
  t.same(stage.calls, [])
})

test('a name that is not on the list never succeeds, whatever it is the name of elsewhere', async (t) => {
  const stage = new OpenStackStage()
  stage.names = ['nosuch', 'file-put']
  for (const name of [
    'nosuch',
    'file-put',
    'hostname_file',
    '__proto__',
    'constructor',
    'toString',
    'parse',
    '',
    'é',
  ])
    t.same(await stage.call(name), { returncode: '404', message: `No such agent command '${name}'` })
  t.match(await stage.call('x'.repeat(5000)), { message: `No such agent command '${'x'.repeat(64)}'` })
  t.same(stage.calls, [])
})

test('a request that the exchange could not move is answered', async (t) => {
  const stage = new OpenStackStage()
  t.equal(await stage.fault('too-long'), '{"message": "The request is too long", "returncode": "500"}')
  t.match(await stage.fault('too-many'), /Too many requests are waiting; ask again once they are answered/)
  t.match(
    await stage.fault('interrupted'),
    /The agent was restarted before it had answered; what was asked for may have been done, or not/,
  )
})

test('keyinit and password say what to do instead, unless the old key exchange is wanted', async (t) => {
  const stage = new OpenStackStage()
  const message =
    'Passwords are not taken over this key exchange, for whoever listens can read them; call set-password over negotiator, ' +
    "or set old-key-exchange = true in the guest's configuration"
  for (const name of ['keyinit', 'password'])
    t.same(await stage.call(name, '5'), { returncode: '500', message })
  t.same(stage.calls, [])
})

test('a key is good for one password, whether that was read or not', async (t) => {
  const stage = new OpenStackStage({ hasOldKeyExchange: true })
  const host = new OldKeyPair()
  const { message: guestKey } = await stage.call('keyinit', host.publicKey)
  const good = encryptOld('s3cret\n', host.secretWith(guestKey) ?? '').toString('base64')
  t.match(await stage.call('password', base64('x'.repeat(16))), { message: 'Invalid password data received' })
  t.match(await stage.call('password', good), { returncode: '500', message: 'Password without key exchange' })
  t.same(stage.calls, [])
})

test('keyinit refuses a key that leaves no choice, and forgets the one before', async (t) => {
  const stage = new OpenStackStage({ hasOldKeyExchange: true })
  t.match(await stage.call('keyinit', '5'), { returncode: 'D0', message: /^[0-9]+$/ })
  for (const value of ['1', '0', 'x', '', null, 1.5, -7, {}]) {
    const message = 'Invalid public key: wanted a decimal number within the group'
    t.same(await stage.call('keyinit', value), { returncode: '500', message })
  }
  t.match(await stage.call('password', base64('x'.repeat(16))), { message: 'Password without key exchange' })
})

test('a password that could not be set is no success', async (t) => {
  const stage = new OpenStackStage({ hasOldKeyExchange: true })
  stage.ends['set-password'] = {
    result: { kind: 'exited', code: 1 },
    stderr: 'Cannot set the password of "root": the account is locked\n',
  }
  const host = new OldKeyPair()
  const { message: guestKey } = await stage.call('keyinit', host.publicKey)
  const value = encryptOld('s3cret\n', host.secretWith(guestKey) ?? '').toString('base64')
  const message = 'Cannot set the password of "root": the account is locked'
  t.same(await stage.call('password', value), { returncode: '500', message })
})

test('injectfile and file_inject come to file-put, bytes and all', async (t) => {
  const stage = new OpenStackStage()
  const content = Buffer.of(0, 255, 0x2c, 10, 200)
  const both = Buffer.concat([Buffer.from('/etc/é,'), content])
  t.same(await stage.call('injectfile', base64(both)), done)
  t.same(await stage.call('file_inject', { b64_path: base64('/etc/a,b'), b64_file: base64(content) }), done)
  t.same(
    await stage.call('injectfile', base64('/etc/empty,').replace(/(....)/g, '$1\n')),
    done,
    'with line breaks',
  )
  const input = content.toString('latin1')
  t.same(stage.calls, [
    { command: 'file-put', args: ['--parents', '--backup', '/etc/é'], input, timeoutMs: 30_000 },
    { command: 'file-put', args: ['--parents', '--backup', '/etc/a,b'], input, timeoutMs: 30_000 },
    { command: 'file-put', args: ['--parents', '--backup', '/etc/empty'], input: '', timeoutMs: 30_000 },
  ])
})

test('a file that makes no sense is told in our words, and none of the runtime', async (t) => {
  const stage = new OpenStackStage()
  const cases: readonly (readonly [name: string, value: unknown, message: string])[] = [
    ['injectfile', 'a', "Couldn't decode base64 data"],
    ['injectfile', 5, "Couldn't decode base64 data"],
    [
      'injectfile',
      base64('/etc/motd'),
      'Cannot inject a file: there is no comma between its path and its content',
    ],
    ['injectfile', base64(Buffer.of(0x2f, 0xff, 0x2c)), 'Cannot inject a file: its path is not text'],
    ['injectfile', base64('/a\0b,x'), 'Cannot inject a file: its path is not text'],
    ['injectfile', base64('--owner=root,x'), 'Cannot inject a file: its path does not begin with "/"'],
    ['injectfile', base64(',x'), 'Cannot inject a file: its path does not begin with "/"'],
    ['file_inject', 'x', 'Cannot inject a file: wanted "b64_path" and "b64_file", both base64'],
    [
      'file_inject',
      { b64_path: base64('/a') },
      'Cannot inject a file: wanted "b64_path" and "b64_file", both base64',
    ],
  ]
  for (const [name, value, message] of cases)
    t.same(await stage.call(name, value), { returncode: '500', message })
  t.same(stage.calls, [])
})

test('agentupdate brings the package and hands it to self-update, in both forms', async (t) => {
  const asked: string[] = []
  const bytes = Buffer.from('a signed package')
  const md5sum = createHash('md5').update(bytes).digest('hex')
  const stage = new OpenStackStage({
    download: async (url) => await Promise.resolve((asked.push(url), bytes)),
  })
  const url = 'https://updates.example/agent,1.tar?x=1'
  t.same(await stage.call('agentupdate', `${url},${md5sum}`), done)
  t.same(await stage.call('agentupdate', { url, md5sum: md5sum.toUpperCase() }), done)
  t.same(await stage.call('agentupdate', { url }), done)
  t.same(asked, [url, url, url])
  const call = { command: 'self-update', args: [], input: 'a signed package', timeoutMs: 300_000 }
  t.same(stage.calls, [call, call, call])
})

test('agentupdate installs nothing that is not what the host named, and fetches nothing that it could not install', async (t) => {
  const asked: string[] = []
  const stage = new OpenStackStage({
    download: async (url) => await Promise.resolve((asked.push(url), Buffer.from('something else'))),
  })
  const [url, md5sum] = ['http://updates.example/agent.tar', '0'.repeat(32)]
  t.same(await stage.call('agentupdate', { url, md5sum }), {
    returncode: '500',
    message: "Cannot bring the agent's new package: what came has another MD5 than the host says",
  })
  const noAddress = 'Cannot update the agent: wanted an address that begins with https:// or http://'
  for (const bad of ['file:///etc/shadow', 'ftp://x/y', '', 'x', 'https://', '/tmp/agent.tar'])
    t.match(
      await stage.call('agentupdate', { url: bad, md5sum }),
      { returncode: '500', message: noAddress },
      bad,
    )
  t.match(await stage.call('agentupdate', 7), { message: noAddress })
  t.match(await stage.call('agentupdate', `${url},xyz`), {
    message: 'Cannot update the agent: its MD5 is not 32 hexadecimal digits',
  })
  t.same([stage.calls, asked], [[], [url]])
  stage.names = []
  stage.ends['self-update'] = { result: { kind: 'denied', reason: 'no rule allows it' } }
  t.match(await stage.call('agentupdate', { url }), { message: 'self-update: denied: no rule allows it' })
  t.same(asked, [url], 'a caller who may not update makes the guest fetch nothing')
})

const nodesOf = (nodes: Readonly<Record<string, string>>): ReadableNodes => ({
  read: async (path) =>
    await Promise.resolve(nodes[path] === undefined ? undefined : Buffer.from(nodes[path])),
  list: async (path) => {
    const names = Object.keys(nodes).filter((name) => name.startsWith(`${path}/`))
    return await Promise.resolve(names.map((name) => name.slice(path.length + 1)))
  },
})

test('resetnetwork hands the records to apply-network as they are', async (t) => {
  const record = { mac: 'BC:76:4E:08:DB:A9', gateway_v6: 'fe80::1' }
  const nodes = nodesOf({
    'vm-data/hostname': 'web1',
    'vm-data/networking/BC764E08DBA9': JSON.stringify(record),
  })
  const stage = new OpenStackStage({ nodes })
  t.same(await stage.call('resetnetwork'), done)
  t.match(stage.calls, [{ command: 'apply-network', args: ['--json'], timeoutMs: 60_000 }])
  t.same(JSON.parse(stage.calls[0]?.input ?? ''), { hostName: 'web1', networks: [record] })
  t.same(await stage.call('resetnetwork', { networks: [] }), done, 'or those that come with the request')
  t.equal(stage.calls[1]?.input, '{"networks":[]}')
})

/** What `apply-network` answers. */
const applied = (state: string, confirmWithinSeconds: number | null): string => {
  const interfaces = [{ name: 'eth0', mac: 'bc:76:4e:08:db:a9', addresses: ['192.0.2.42/24'] }]
  const change = { backend: 'ifupdown', interfaces, files: ['/etc/network/interfaces'], notes: [] }
  return `${JSON.stringify({ state, confirmWithinSeconds, ...change })}\n`
}

test('resetnetwork confirms a change that waits for it, for it would be rolled back', async (t) => {
  const stage = new OpenStackStage()
  const value = { networks: [{ mac: 'BC:76:4E:08:DB:A9' }] }
  const run = async (stdout: string): Promise<readonly (readonly string[])[]> => {
    stage.ends['apply-network'] = { stdout }
    stage.calls.length = 0
    t.same(await stage.call('resetnetwork', value), done)
    return stage.calls.map(({ args }) => args)
  }
  t.same(await run(applied('pending', 60)), [['--json'], ['confirm']])
  t.same(await run(applied('unchanged', null)), [['--json']])
  // Those are no answers of apply-network, so nothing that an administrator put in its place is confirmed.
  for (const other of ['', 'done\n', '{"state":"pending"}\n', applied('rolled-back', 60)])
    t.same(await run(other), [['--json']], other)
  stage.ends['apply-network'] = { result: { kind: 'exited', code: 1 }, stdout: applied('pending', 60) }
  stage.calls.length = 0
  t.match(await stage.call('resetnetwork', value), { returncode: '500' })
  t.equal(stage.calls.length, 1)
})

test('resetnetwork says why there are no records, and names no path of the guest', async (t) => {
  const message =
    "Cannot find the network's records: this exchange has none; send them as the value, or call apply-network"
  t.same(await new OpenStackStage().call('resetnetwork'), { returncode: '500', message })
  t.match(await new OpenStackStage({ nodes: nodesOf({}) }).call('resetnetwork'), {
    message: /vm-data\/networking is empty; the host has to write them before it calls resetnetwork$/,
  })
  const broken = new OpenStackStage({ nodes: nodesOf({ 'vm-data/networking/X': 'x' }) })
  t.match(await broken.call('resetnetwork'), {
    returncode: '500',
    message: 'Cannot read the record vm-data/networking/X: it is no JSON; its host has to write it anew',
  })
  const local = new SystemError('Cannot read the device "/dev/xen/xenbus"', { code: 'port-failed' })
  const cut = new OpenStackStage({
    nodes: { ...nodesOf({}), read: async () => await Promise.reject(local) },
  })
  t.same(await cut.call('resetnetwork'), {
    returncode: '500',
    message: 'The agent failed to answer; its log says why',
  })
})

test("kmsactivate is the administrator's own command, with all of it on standard input", async (t) => {
  const stage = new OpenStackStage()
  const value = { activation_key: '1-abc', profile: 'web1', domains: ['rhn.example'] }
  t.same(await stage.call('kmsactivate', value), done)
  t.same(stage.calls, [
    { command: 'kms-activate', args: [], input: JSON.stringify(value), timeoutMs: 30_000 },
  ])
  t.match(await stage.call('kmsactivate', 'x'), {
    returncode: '500',
    message: 'Cannot activate: wanted an object with "activation_key", "profile" and "domains"',
  })
})

test('each end of a call has its code and its sentence', async (t) => {
  const stage = new OpenStackStage()
  const put = async (end: OpenStackStage['ends'][string]): Promise<unknown> => {
    stage.ends['file-put'] = end
    return await stage.call('injectfile', base64('/a,b'))
  }
  t.same(await put({ result: { kind: 'exited', code: 7 } }), {
    returncode: '500',
    message: 'file-put exited with status 7',
  })
  t.same(await put({ result: { kind: 'signalled', signal: 'SIGKILL' } }), {
    returncode: '500',
    message: 'file-put was ended by SIGKILL',
  })
  t.same(await put({ result: { kind: 'unknown-command', reason: 'there is no command "file-put"' } }), {
    returncode: '404',
    message: 'there is no command "file-put"',
  })
  t.same(await put({ result: { kind: 'timed-out', reason: 'it took longer than 30 s' } }), {
    returncode: '500',
    message: 'file-put: timed-out: it took longer than 30 s',
  })
  const long = await stage.ask('{"name": "injectfile", "value": ""}')
  t.ok(long.length < 4096)
})

test('an answer fits into a node of XenStore, whatever a command says', async (t) => {
  const stage = new OpenStackStage()
  stage.ends['file-put'] = { result: { kind: 'exited', code: 1 }, stderr: 'é'.repeat(4000) }
  const answer = await stage.ask(JSON.stringify({ name: 'injectfile', value: base64('/a,b') }))
  t.equal(answer, `{"message": "${'\\u00e9'.repeat(500)}", "returncode": "500"}`)
})
