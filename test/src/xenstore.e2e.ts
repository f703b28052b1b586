/**
 * OpenStack's way into a guest beside Xen's own programs: the xenstore tools against the server of our tests, and both our
 * halves and the tools against the real xenstored.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { test } from 'tap'
import type { Test } from 'tap'
import { systemClock } from '@negotiator/common'
import { connectXenStore, TestXenStoreServer } from '@negotiator/common/testing'
import { startStandIn } from './demo/guest-stand-in.js'
import { hostBinary } from './machine/host-program.js'
import { Xen } from './machine/xen.js'

/** A domain without a hypervisor: the daemon takes relative paths of its socket's clients for domain 0's. */
const domain = '/local/domain/0'

/** Stand-ins for the commands that would change this machine. */
const keeping = ['set-password', 'apply-network'] as const

interface KeepingGuest {
  /** What each command was given. */
  readonly taken: () => Promise<Record<string, string>>
  readonly close: () => Promise<void>
}

async function tempFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ng-'))
  t.teardown(async () => await rm(folder, { recursive: true, force: true }))
  return folder
}

test('XenStore', { timeout: 300_000 }, async (t) => {
  const xen = await Xen.ensure({ log: (line) => t.comment(line) })
  if (typeof xen === 'string') return t.comment(`skipped: ${xen}`)

  await t.test("Xen's own tools work with the server of our tests", async (t) => {
    const socket = join(await tempFolder(t), 'socket')
    const server = await TestXenStoreServer.listen(socket)
    t.teardown(() => server.close())
    await useTools(t, { xen, socket })
  })

  await t.test('the real xenstored', async (t) => {
    const daemon = await xen.startDaemon(await tempFolder(t))
    t.teardown(daemon.stop)
    const { socket } = daemon
    const tool = async (name: string, ...args: readonly string[]): Promise<string> =>
      (await xen.tool(socket, name, ...args)).stdout

    await t.test("works with Xen's own tools, as the server of our tests does", async (t) => {
      await useTools(t, { xen, socket })
    })

    await t.test('keeps to what our client expects', async (t) => {
      const store = await connectXenStore({ path: socket, clock: systemClock })
      t.teardown(() => store.close())
      const names = Array.from({ length: 300 }, (_, index) => `request-${index}-of-a-host-that-asks-a-lot`)
      for (const name of names) await store.write(`/many/${name}`, Buffer.alloc(0))
      t.same([...((await store.list('/many')) ?? [])].sort(), [...names].sort(), 'a list in parts')
      await store.write('/big', Buffer.alloc(4091, 0xff))
      t.same(await store.read('/big'), Buffer.alloc(4091, 0xff))
      let attempts = 0
      await store.transaction(async (nodes) => {
        attempts += 1
        await nodes.write('/t/a', Buffer.from(String(attempts)))
        if (attempts === 1) await tool('xenstore-write', '/t/a', 'somebody else')
      })
      t.same([attempts, await tool('xenstore-read', '/t/a')], [2, '2'])
      const seen: string[] = []
      const stop = await store.watch('/w', (path) => seen.push(path))
      await tool('xenstore-write', '/w/x', '1')
      await store.write('/w/y', Buffer.alloc(0))
      t.same(seen, ['/w', '/w/x', '/w/y'])
      await stop()
      t.equal(await store.read('/nobody'), undefined)
      await store.remove('/nobody/there')
    })

    await t.test('carries the calls of a host to a guest, and the answers back', async (t) => {
      await tool('xenstore-write', `${domain}/name`, 'web1')
      await tool('xenstore-write', `${domain}/vm-data/hostname`, 'web1')
      await tool('xenstore-write', `${domain}/vm-data/networking/BC764E08DBA9`, '{"mac":"BC:76:4E:08:DB:A9"}')
      await tool('xenstore-write', `${domain}/data/host/before-it-was-there`, 'no JSON')
      const openStack = async (input: string, ...args: readonly string[]) =>
        await execa(process.execPath, [hostBinary, 'openstack', '--xenstore', socket, 'web1', ...args], {
          input,
          reject: false,
        })

      const waiting = openStack('', 'version')
      const guest = await startGuest(t, socket)
      t.match(await waiting, { exitCode: 0, stdout: '1.39.1' }, 'a host that asked before the guest was up')
      t.equal(
        await tool('xenstore-read', `${domain}/data/guest/before-it-was-there`),
        '{"message": "Request is malformed", "returncode": "500"}',
      )
      t.equal(
        (await openStack('', 'features')).stdout.split('\n').join(','),
        'version,features,keyinit,password,resetnetwork',
      )
      t.match(await openStack('s3cret\n', 'set-password'), { exitCode: 0, stderr: '' })
      t.match(await openStack('', 'reset-network'), { exitCode: 0, stderr: '' })
      t.same(await guest.taken(), {
        'set-password': 's3cret\n',
        'apply-network': '{"hostName":"web1","networks":[{"mac":"BC:76:4E:08:DB:A9"}]}',
      })
      t.match(await openStack('', 'update', 'https://x'), {
        exitCode: 125,
        stderr: /NOT IMPLEMENTED: the agent does not know/,
      })
      t.equal(await tool('xenstore-list', `${domain}/data/host`), '', 'no request is left')

      const id = '8b04ed8b-5aa1-4a6a-bb56-ad0f00d1c0de'
      await tool('xenstore-write', `${domain}/data/host/${id}`, '{"name":"nosuch","value":""}')
      const answer = `{"message": "No such agent command 'nosuch'", "returncode": "404"}`
      while ((await tool('xenstore-read', `${domain}/data/guest/${id}`)) !== answer) t.comment('not yet')
      await guest.close()
      t.match(await openStack('', 'version', '--timeout', '0.3'), {
        exitCode: 124,
        stderr: /TIMEOUT: no agent of "web1"/,
      })
    })
  })
})

/** What Xen's own tools do with a daemon, whichever it is. */
async function useTools(t: Test, { xen, socket }: { xen: Xen; socket: string }): Promise<void> {
  const tool = async (name: string, ...args: readonly string[]) => await xen.tool(socket, name, ...args)
  t.same(await tool('xenstore-write', '/tools/a', '1', '/tools/b/c', 'two words'), { status: 0, stdout: '' })
  t.same(await tool('xenstore-read', '/tools/b/c'), { status: 0, stdout: 'two words' })
  t.same(await tool('xenstore-list', '/tools'), { status: 0, stdout: 'a\nb' })
  t.same(await tool('xenstore-ls', '-f', '/tools'), {
    status: 0,
    stdout: '/tools/a = "1"\n/tools/b = ""\n/tools/b/c = "two words"',
  })
  t.equal((await tool('xenstore-exists', '/tools/a')).status, 0)
  t.not((await tool('xenstore-exists', '/tools/z')).status, 0)
  t.not((await tool('xenstore-write', '/bad name', 'x')).status, 0)
  const watching = tool('xenstore-watch', '-n', '2', '/tools/a')
  let isOver = false
  void watching.then(() => (isOver = true))
  while (!isOver) await tool('xenstore-write', '/tools/a', '2')
  t.same(await watching, { status: 0, stdout: '/tools/a\n/tools/a' })
  t.equal((await tool('xenstore-rm', '/tools')).status, 0)
  t.not((await tool('xenstore-read', '/tools/a')).status, 0)
}

/** A guest's daemon whose commands keep what they were given. */
async function startGuest(t: Test, socket: string): Promise<KeepingGuest> {
  const root = await tempFolder(t)
  const channels = join(root, 'channels')
  await mkdir(channels)
  await writeRule(root)
  const dialect = ['[[dialects]]', 'dialect = "openstack"', 'exchange = "xenstore"', `path = "${socket}"`]
  const options = 'options = { old-key-exchange = true, version = "1.39.1" }'
  const guest = await startStandIn({ root, channels, config: [...dialect, options] })
  t.teardown(async () => await guest.close())
  for (const name of keeping) await guest.addCommand(name, `#!/bin/sh\nexec cat >'${root}/${name}'\n`)
  const taken = async (): Promise<Record<string, string>> => {
    const texts = keeping.map(async (name) => [name, await readFile(join(root, name), 'utf8')] as const)
    return Object.fromEntries(await Promise.all(texts))
  }
  return { taken, close: async () => await guest.close() }
}

/** What a guest's administrator writes who wants these calls. */
async function writeRule(root: string): Promise<void> {
  const folder = join(root, 'etc/negotiator/policy.d')
  await mkdir(folder, { recursive: true })
  await writeFile(
    join(folder, '10-openstack.policy'),
    keeping.map((name) => `${name} * @host @self allow\n`).join(''),
  )
}
