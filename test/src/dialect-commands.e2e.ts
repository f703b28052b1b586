/**
 * The hosts of three older agents call one guest that has nothing but what we ship: each reaches the real system commands, as far as the
 * guest's administrator lets it, and the audit log tells who came by which way.
 */
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'tap'
import type { Test } from 'tap'
import { OldAppmonitorHost } from './classic/old-appmonitor-host.js'
import { HostProgram } from './machine/host-program.js'
import type { ImageFile } from './machine/image-contents.js'
import { buildNegotiatorImage } from './machine/negotiator-image.js'
import { ensurePrerequisites } from './machine/prerequisites.js'
import { tellOnFailure } from './machine/tell-on-failure.js'
import { startVm } from './machine/vm.js'
import type { Vm } from './machine/vm.js'

const channels = {
  openstack: 'openstack.0',
  ovirt: 'ovirt-guest-agent.0',
  appmonitor: 'com.eayun.eayunstack.0',
} as const

const tables = Object.entries(channels).map(
  ([dialect, channel]) =>
    `[[dialects]]\ndialect = "${dialect}"\nexchange = "lines"\nchannel = "${channel}"\n`,
)

const files: readonly ImageFile[] = [
  { to: '/etc/negotiator/guest.toml', content: tables.join('\n') },
  {
    to: '/etc/negotiator/policy.d/30-local.policy',
    content:
      'file-put * @host @self allow\napply-network * @host @self allow\nsession +lock @host @self allow\n',
    mode: 0o600,
  },
  { to: '/etc/negotiator/files.toml', content: 'write = ["/srv/**"]\n' },
  { to: '/srv/motd', content: 'old\n', mode: 0o644 },
]

/** A host's program on a port: what it sends are lines, and so is what it gets. */
class LineHost {
  readonly #write: (line: string) => void
  readonly #lines: AsyncIterator<string>
  readonly leave: () => Promise<void>

  private constructor(path: string) {
    const socket = createConnection({ path })
    this.#write = (line) => void socket.write(`${line}\n`)
    this.#lines = createInterface({ input: socket })[Symbol.asyncIterator]()
    this.leave = async () => {
      if (socket.destroyed) return
      const closed = once(socket, 'close')
      socket.destroy()
      await closed
    }
  }

  static connect(t: Test, path: string): LineHost {
    const host = new LineHost(path)
    t.teardown(async () => await host.leave())
    return host
  }

  /** @returns the next answer that looks like this; others are heard and forgotten */
  async ask(request: object, isAnswer: (answer: Answer) => boolean = () => true): Promise<Answer> {
    this.#write(JSON.stringify(request))
    for (;;) {
      const line = await this.#lines.next()
      if (line.done === true) throw new Error('The guest closed the port before it had answered')
      const answer = JSON.parse(line.value) as Answer
      if (isAnswer(answer)) return answer
    }
  }
}

type Answer = Readonly<Record<string, unknown>>

/** What the host's status tells of a mounted dialect, as far as it is waited for. */
interface Mounted {
  readonly details?: { readonly apiVersion: number; readonly told: { readonly system?: object } }
}

async function startGuest(t: Test, dir: string): Promise<Vm> {
  const image = await buildNegotiatorImage({
    prerequisites: await ensurePrerequisites({ install: true, log: (line) => t.comment(line) }),
    files,
  })
  const names = ['negotiator-host-to-guest.0', 'negotiator-guest-to-host.0', ...Object.values(channels)]
  const vm = await startVm({ image, name: 'web1', dir, ports: names.map((name) => ({ name })) })
  t.teardown(async () => await vm.close())
  tellOnFailure(t, () => vm.log.text)
  await vm.waitBooted()
  return vm
}

test('the hosts of older agents reach the commands that we ship', { timeout: 900_000 }, async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'ng-'))
  t.teardown(async () => await rm(root, { recursive: true, force: true }))
  const dir = join(root, 'channels/web1')
  await mkdir(dir, { recursive: true })
  const vm = await startGuest(t, dir)
  const inGuest = async (line: string): Promise<string> => (await vm.console.run(line)).stdout
  await inGuest('hostname web1') // The image gives it none.

  await t.test('OpenStack puts a file where it may, and is told why not elsewhere', async (t) => {
    const host = LineHost.connect(t, vm.socketPath(channels.openstack))
    const call = async (name: string, value: unknown = ''): Promise<Answer> => await host.ask({ name, value })
    const inject = async (path: string, content: string): Promise<Answer> =>
      await call('injectfile', Buffer.from(`${path},${content}`).toString('base64'))
    t.match(await call('version'), { returncode: '0' })
    const features = 'version,features,injectfile,file_inject,resetnetwork'
    t.same(await call('features'), { message: features, returncode: '0' })
    t.match(await inject('/srv/motd', 'größe, new\n'), { returncode: '0', message: '' })
    t.equal(await inGuest('cat /srv/motd'), 'größe, new\n')
    t.equal(await inGuest('cat /srv/motd.*.bak'), 'old\n')
    t.match(await inject('/etc/motd', 'x'), { returncode: '500', message: /has not listed it/ })
    const records = {
      networks: [{ mac: '02:00:00:00:00:01', ips: [{ ip: '192.0.2.2', netmask: '255.255.255.0' }] }],
    }
    t.match(await call('resetnetwork', records), {
      returncode: '500',
      message:
        /^Cannot apply the network: no interface of this machine has the MAC address 02:00:00:00:00:01/,
    })
    const url = 'https://updates.example/x'
    t.match(await call('agentupdate', { url }), { returncode: '500', message: /^self-update: denied: / })
  })

  await t.test("oVirt's host is told what the guest is, and why it was not done", async (t) => {
    const host = LineHost.connect(t, vm.socketPath(channels.ovirt))
    const named = (name: string) => (answer: Answer) => answer['__name__'] === name
    const replying = (id: number) => (answer: Answer) => answer['reply_id'] === id
    const system = await host.ask({ __name__: 'api-version', apiVersion: 3 }, named('os-info'))
    t.match(system, { type: 'linux', kernel: (await inGuest('uname -r')).trim() })
    t.match(await host.ask({ __name__: 'lock-screen', reply_id: 1 }, replying(1)), {
      done: false,
      failure: /ended with exit status 69: .*no loginctl/,
    })
    t.match(
      await host.ask({ __name__: 'shutdown', timeout: '5', message: 'bye', reply_id: 2 }, replying(2)),
      {
        done: false,
        failure: /90-default\.policy:\d+ denies it/,
      },
    )
    await host.leave()
  })

  await t.test("our host's half of oVirt keeps what the guest tells", async (t) => {
    const path = join(dirname(dir), '{guest}', `${channels.ovirt}.sock`)
    const config = [
      `drivers = ["folder:${dirname(dir)}"]`,
      ...['[[dialects]]', 'dialect = "ovirt"', 'exchange = "lines"', `path = "${path}"`],
    ]
    const host = await HostProgram.start({ root, config })
    t.teardown(async () => await host.stop())
    tellOnFailure(t, () => host.log)
    const mounted = async (): Promise<Mounted | undefined> => {
      const status = JSON.parse((await host.cli(['status', '--json'])).stdout) as { dialects: Mounted[] }
      // What it tells before it has heard the version of its host is less.
      return status.dialects.find(
        ({ details }) => details?.apiVersion === 3 && details.told.system !== undefined,
      )
    }
    let ovirt = await mounted()
    while (ovirt === undefined) ovirt = await mounted()
    t.match(ovirt, {
      dialect: 'ovirt',
      details: {
        ...{ guest: 'web1', isConnected: true, apiVersion: 3, refusedCount: 0 },
        told: { hostName: 'web1', system: { type: 'linux' } },
      },
    })
  })

  await t.test('appmonitor gets the old shapes of what the commands answer', async (t) => {
    const host = await OldAppmonitorHost.connect(vm.socketPath(channels.appmonitor))
    t.teardown(async () => await host.leave())
    const tell = async (name: string): Promise<unknown> =>
      JSON.parse(await host.ask(`${JSON.stringify({ operation: 'get_infomation', name })}\n\r`))
    t.equal(await tell('machine_name'), 'web1')
    t.equal(await tell('os_version'), (await inGuest('uname -r')).trim())
    t.match(await tell('available_ram'), /^\d+$/)
    t.match(await tell('all_network_interfaces'), [
      { name: 'lo', attr: 'LOOPBACK,UP', inet4: ['127.0.0.1/8'] },
    ])
    const memory = await tell('memory_stats')
    const totalKibibytes = Number(/MemTotal:\s+(\d+)/.exec(await inGuest('cat /proc/meminfo'))?.[1])
    t.match(memory, { mem_total: totalKibibytes, swap_total: 0 })
  })

  await t.test('the audit log tells by which way each call came', async (t) => {
    const lines = (await inGuest('cat /var/log/negotiator/guest-audit.log')).trim().split('\n')
    const records = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    const calls = new Set(records.map(({ via, command, result }) => [via, command, result].join(' ')))
    const wanted = [
      ...['openstack file-put exited', 'openstack apply-network exited'],
      ...['ovirt os-info exited', 'ovirt session exited', 'ovirt power denied'],
      ...['appmonitor host-name exited', 'appmonitor memory-stats exited'],
    ]
    for (const call of wanted) t.ok(calls.has(call), call)
  })
})
