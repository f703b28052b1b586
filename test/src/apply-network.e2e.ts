/**
 * A Debian guest's network is changed by the host, for real: by systemd-networkd and ifupdown. What is confirmed stays, what
 * nobody confirms goes when its time is over, without the daemon, too.
 */
import { test } from 'tap'
import type { Test } from 'tap'
import { setDebianStage } from './machine/debian-story.js'
import type { DebianStory } from './machine/debian-story.js'

const slowMs = 180_000
const mac = 'bc:76:4e:08:db:a9'
// A card whose cable ends in an empty hub: it has a link, and nobody answers.
const card = ['-netdev', 'hubport,id=lan,hubid=0', '-device', `virtio-net-pci,netdev=lan,mac=${mac}`]

/** docs/install.md, for systemd. */
const install = `set -e
install -m 755 /media/negotiator-guest /usr/local/bin/negotiator-guest
cd /media/packaging/systemd
install -m 644 negotiator-guest.service /etc/systemd/system/
install -D -m 644 60-negotiator-guest.rules /etc/udev/rules.d/
install -D -m 644 negotiator.sysusers.conf /etc/sysusers.d/negotiator.conf
mkdir -p /etc/negotiator/policy.d
echo 'apply-network * @host @self allow' >/etc/negotiator/policy.d/30-local.policy
systemd-sysusers
systemctl daemon-reload
udevadm control --reload
udevadm trigger --settle --subsystem-match=virtio-ports`

interface Addresses {
  readonly ip: string
  readonly ip6: string
}

const confirmed: Addresses = { ip: '192.0.2.42', ip6: '2001:db8::42' }
const forgotten: Addresses = { ip: '192.0.2.99', ip6: '2001:db8::99' }

/** As the host of OpenStack writes it. */
const record = ({ ip, ip6 }: Addresses) => ({
  label: 'public',
  mac: mac.toUpperCase(),
  gateway: '192.0.2.1',
  ips: [{ ip, enabled: '1', netmask: '255.255.255.0', gateway: '192.0.2.1' }],
  gateway_v6: 'fe80::1',
  ip6s: [{ ip: ip6, enabled: '1', netmask: 64, gateway: 'fe80::1' }],
  routes: [{ route: '10.0.0.0', netmask: '255.0.0.0', gateway: '192.0.2.254' }],
  dns: ['192.0.2.53'],
})

test("a Debian guest's network", { timeout: 900_000 }, async (t) => {
  const stage = await setDebianStage(t, { guestCommands: [], hostCommands: [], extraArgs: card })
  const { client, run } = stage
  await run(install)
  await client.wait('deb1', { timeoutMs: slowMs })
  const name = (await run(`grep -l ${mac} /sys/class/net/*/address`)).split('/')[4] ?? ''
  const guest = new Network(stage, name)

  await t.test('systemd-networkd, which runs', async (t) => {
    await run('systemctl start systemd-networkd')
    await checkBothEnds(t, guest, 'systemd-networkd')
    await run(`rm /etc/systemd/network/*.network; systemctl stop systemd-networkd systemd-networkd.socket`)
  })

  await t.test('ifupdown, when it names the interface', async (t) => {
    await run(`ip address flush dev ${name}; printf 'iface ${name} inet manual\\n' >>/etc/network/interfaces`)
    await checkConfirmed(t, guest, 'ifupdown')
    t.match(await run('cat /etc/resolv.conf'), /^nameserver 192\.0\.2\.53$/m)
  })
})

/** One change is confirmed, the next is not, while its daemon is dead. */
async function checkBothEnds(t: Test, guest: Network, backend: string): Promise<void> {
  await checkConfirmed(t, guest, backend)
  await guest.apply(forgotten, ['--confirm-within', '5'])
  t.same(await guest.addresses(), [`${forgotten.ip}/24`, `${forgotten.ip6}/64`])
  await guest.killDaemon()
  await guest.untilRolledBack()
  t.same(await guest.addresses(), [`${confirmed.ip}/24`, `${confirmed.ip6}/64`])
  t.match(await guest.routes(), /default via 192\.0\.2\.1/)
}

async function checkConfirmed(t: Test, guest: Network, backend: string): Promise<void> {
  t.match(await guest.apply(confirmed), new RegExp(`\\(${backend}\\)`))
  t.same(await guest.addresses(), [`${confirmed.ip}/24`, `${confirmed.ip6}/64`])
  t.match(
    await guest.routes(),
    /default via 192\.0\.2\.1[^]*10\.0\.0\.0\/8 via 192\.0\.2\.254[^]*default via fe80::1/,
  )
  await guest.call(['confirm'])
}

/** The guest's network, as the host calls for it and as its own kernel has it. */
class Network {
  readonly #stage: DebianStory
  readonly #name: string

  constructor(stage: DebianStory, name: string) {
    this.#stage = stage
    this.#name = name
  }

  async apply(addresses: Addresses, args: readonly string[] = []): Promise<string> {
    return await this.call(args, JSON.stringify([record(addresses)]))
  }

  async call(args: readonly string[], stdin = ''): Promise<string> {
    const target = { target: 'deb1', command: 'apply-network', args }
    const { stdout, stderr, ...ending } = await this.#stage.client.run(target, { stdin, timeoutMs: slowMs })
    if (ending.kind !== 'exited' || ending.code !== 0)
      throw new Error(
        `apply-network ${args.join(' ')}: ${JSON.stringify(ending)} ${stdout.toString()}${stderr.toString()}`,
      )
    return stdout.toString()
  }

  async addresses(): Promise<string[]> {
    const lines = await this.#stage.run(`ip -oneline address show dev ${this.#name} scope global`)
    return lines
      .split('\n')
      .map((line) => / inet6? (\S+)/.exec(line)?.[1] ?? line)
      .sort()
  }

  async routes(): Promise<string> {
    return await this.#stage.run(`ip route show dev ${this.#name}; ip -6 route show dev ${this.#name}`)
  }

  async killDaemon(): Promise<void> {
    await this.#stage.run('systemctl kill --signal=KILL negotiator-guest')
  }

  /** Asks nobody of ours: the marker is the watchdog's. */
  async untilRolledBack(): Promise<void> {
    await this.#stage.run('until [ -e /var/lib/negotiator/network/last/rolled-back ]; do sleep 0.2; done')
    // The host may still hold the killed daemon for alive; a call of the new one's tells that it does not.
    await this.#stage.run('until negotiator-guest run guest-name; do sleep 1; done')
    await this.#stage.client.wait('deb1', { timeoutMs: slowMs })
  }
}
