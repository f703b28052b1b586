import { test } from 'tap'
import { chooseBackend } from './detect.js'
import { TestGuest } from './test-guest.js'

const plan = {
  hostName: undefined,
  interfaces: [{ name: 'eth0', mac: '', label: undefined, addresses: [], gateways: [], routes: [], dns: [] }],
}

async function choose({ machine }: TestGuest, wanted?: string): Promise<string> {
  const { signal } = new AbortController()
  return (await chooseBackend({ machine, plan, signal, wanted })).name
}

test('chooseBackend() takes what runs the interface, not what is merely installed', async (t) => {
  const guest = new TestGuest(t)
  for (const tool of ['netplan', 'ifup', 'ifdown']) guest.addTool(tool, ':')
  guest.addTool('nmcli', 'echo "lo:unmanaged"; echo "eth0:unmanaged"')
  guest.write('/etc/network/interfaces', 'iface lo inet loopback\n')
  t.equal(await choose(guest), 'systemd-networkd')
  guest.addTool('nmcli', 'echo "eth0:disconnected"')
  t.equal(await choose(guest), 'networkmanager')
  guest.write('/etc/network/interfaces.d/lan', '  iface eth0 inet dhcp\n')
  t.equal(await choose(guest), 'ifupdown')
  guest.write('/etc/netplan/a.yaml', '')
  t.equal(await choose(guest), 'netplan')
})

test('chooseBackend() takes ifupdown where nothing else runs', async (t) => {
  const guest = new TestGuest(t)
  guest.addTool('systemctl', 'echo inactive; exit 3')
  guest.addTool('nmcli', 'echo "NetworkManager is not running" >&2; exit 8')
  await t.rejects(choose(guest), {
    exitCode: 69,
    message:
      'Cannot apply the network: none of systemd-networkd, netplan, ifupdown and NetworkManager runs it; start one, or name one with --backend',
  })
  for (const tool of ['ifup', 'ifdown']) guest.addTool(tool, ':')
  t.equal(await choose(guest), 'ifupdown')
})

test('chooseBackend() takes what is wanted, if it is there', async (t) => {
  const guest = new TestGuest(t)
  guest.addTool('nmcli', ':')
  t.equal(await choose(guest, 'networkmanager'), 'networkmanager')
  await t.rejects(choose(guest, 'netplan'), {
    exitCode: 69,
    message:
      'Cannot apply the network with netplan: netplan is not on this machine; name another with --backend',
  })
})
