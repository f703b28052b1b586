import { SystemError, UsageError } from '@negotiator/common'
import { test } from 'tap'
import { definitionOf } from '../definition-of.js'
import type { GuestDefinition } from '../definition.js'
import { readDefinition } from '../read-definition.js'
import { testUuid } from '../test-definition.js'
import { formNamed, formOf } from './form.js'

const configSxp = `(domain (uuid ${testUuid}) (name web1) (memory 256) (status 0)
    (device (vbd (uname file:/img) (mode w) (dev xvda1:disk)))
    (device (tap (uname tap:qcow2:/cd.img) (mode r) (dev hdc:cdrom)))
    (device (vbd (uname phy:vg/data) (mode w) (dev xvdb)))
    (device (vif (bridge xenbr0) (mac 00:16:3E:00:00:01)))
    (device (pci (dev (slot 0x01))))
)`

const domainXml = `<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>web1</name>
  <uuid>${testUuid.toUpperCase()}</uuid>
  <memory unit='KiB'>1048576</memory>
  <vcpu placement='static'>2</vcpu>
  <os><loader>/ovmf</loader><type arch='x86_64'>hvm</type><kernel>/boot/vmlinuz</kernel><initrd>/boot/initrd</initrd><cmdline>quiet</cmdline></os>
  <features><acpi/></features>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>rename-restart</on_crash>
  <devices>
    <disk type='file' device='disk'><serial>1</serial><driver name='qemu' type='qcow2'/><source file='/img'/><target dev='vda' bus='virtio'/></disk>
    <disk type='block' device='cdrom'><source dev='/dev/sr0'/><target dev='sda' bus='sata'/></disk>
    <interface type='bridge'><mtu size='9000'/><mac address='52:54:00:AA:00:01'/><source bridge='br0'/><model type='virtio'/></interface>
    <interface type='user'><mac address='52:54:00:aa:00:02'/><model type='e1000'/></interface>
    <channel type='unix'/>
  </devices>
  <qemu:commandline><qemu:arg value='-cpu'/><qemu:arg value='host,+x2apic'/><qemu:env name='A' value='b'/></qemu:commandline>
</domain>`

async function definitionFrom(text: string): Promise<GuestDefinition> {
  return definitionOf((await readDefinition({ text, source: 'web1' })).values)
}

/** The sentences that a person gets. */
async function complaintOf(text: string): Promise<string> {
  return await readDefinition({ text, source: 'web1' }).then(
    () => 'none',
    (error: unknown) =>
      error instanceof UsageError || error instanceof SystemError ? error.message : 'another error',
  )
}

test('readDefinition() reads each kind of device that Xend kept', async (t) => {
  const { values, passedOver } = await readDefinition({ text: configSxp, source: 'config.sxp' })
  t.match(definitionOf(values), {
    disks: [
      { path: '/img', format: 'raw', kind: 'disk', isReadOnly: false },
      { path: '/cd.img', format: 'qcow2', kind: 'cdrom', isReadOnly: true },
      { path: '/dev/vg/data', format: 'raw', kind: 'disk', isReadOnly: false },
    ],
    interfaces: [{ kind: 'bridge', bridge: 'xenbr0', mac: '00:16:3e:00:00:01' }],
  })
  t.same(passedOver, ['status', 'device pci'])
})

test('readDefinition() never takes a value of SXP that it cannot convert for 0', async (t) => {
  const text = `(vm (name web1) (memory x) (vcpus 1 2) (on_crash explode) (on_crash preserve) stray ((a))
    (image (hvm (device_model /qemu))) (device (vbd (uname nbd:host))) (device (vif)))`
  t.equal(
    await complaintOf(text),
    `Cannot use the definition "web1": it has 5 faults
  (memory): it is "x", wanted a whole number of MiB
  (vcpus): wanted one value
  (on_crash): it is both "explode" and "preserve"; leave one
  (device (vbd (uname))): it is "nbd:host", wanted one of file:PATH, phy:PATH, tap:aio:PATH, tap:qcow2:PATH
  (device (vif (bridge))): it is missing; Xend chose a bridge then, here it must be named`,
  )
  t.equal(
    await complaintOf('(config (memory 1))'),
    'Cannot read the definition "web1" as SXP: its list begins with neither "domain" nor "vm"',
  )
  t.equal(
    await complaintOf('(domain\n (memory "1)'),
    'Cannot read the definition "web1" as SXP: line 2: this text is never closed',
  )
})

test('readDefinition() reads what libvirt writes', async (t) => {
  const { values, passedOver } = await readDefinition({ text: domainXml, source: 'web1.xml' })
  t.match(definitionOf(values), {
    uuid: testUuid,
    memoryBytes: 2 ** 30,
    vcpuCount: 2,
    kernel: { path: '/boot/vmlinuz', initrd: '/boot/initrd', args: 'quiet' },
    disks: [
      { path: '/img', format: 'qcow2', kind: 'disk', bus: 'virtio', isReadOnly: false },
      { path: '/dev/sr0', format: 'raw', kind: 'cdrom', bus: 'sata', isReadOnly: true },
    ],
    interfaces: [
      { kind: 'bridge', bridge: 'br0', mac: '52:54:00:aa:00:01', model: 'virtio-net-pci' },
      { kind: 'user', mac: '52:54:00:aa:00:02', model: 'e1000' },
    ],
    qemuOptions: ['-cpu', 'host,+x2apic'],
    onCrash: 'rename-restart',
  })
  t.same(passedOver, [
    ...['os/loader', 'features', 'devices/disk/serial', 'devices/interface/mtu', 'devices/channel'],
    'qemu:commandline/qemu:env',
  ])
})

test('readDefinition() tells what of libvirt a plain QEMU cannot be given', async (t) => {
  const text = `<domain><name>web1</name><memory unit='pages'>1</memory><vcpu>two</vcpu><os><type>hvm</type></os><devices>
    <disk type='network'/><interface type='network'><source network='default'/></interface></devices></domain>`
  t.equal(
    await complaintOf(text),
    `Cannot use the definition "web1": it has 4 faults
  domain/memory: it is "1", wanted a whole number, in one of b, bytes, k, KiB, M, MiB, G, GiB, T, TiB, KB, MB, GB, TB (it is in "pages")
  domain/vcpu: it is "two", wanted a whole number
  domain/devices/disk[0]: its type is "network", wanted "file" or "block": only libvirt opens others
  domain/devices/interface[0]: its type is "network", wanted "bridge" or "user"; \`virsh net-info NETWORK\` names the bridge of a network`,
  )
})

test('readDefinition() follows nothing in XML', async (t) => {
  const begin = 'Cannot read the definition "web1" as libvirt XML: '
  t.equal(
    await complaintOf('<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]><domain/>'),
    `${begin}it has a document type, which libvirt never writes`,
  )
  t.equal(await complaintOf('<network/>'), `${begin}it is <network>, wanted <domain>`)
  t.match(await complaintOf('<domain>'), begin)
  t.match(await complaintOf('<a>'.repeat(300)), `${begin}its elements are nested deeper than 256 levels`)
})

test("readDefinition() reads a record of the Xen API, Xend's or a later one", async (t) => {
  const record = {
    ...{ uuid: testUuid, name_label: 'web1', memory_static_min: '256', VCPUs_number: 2, VBDs: [] },
    ...{ kernel_kernel: '/boot/vmlinuz', kernel_initrd: '', kernel_args: 'quiet' },
    ...{ actions_after_crash: 'rename_restart', actions_after_reboot: 'rename-restart' },
  }
  const { values, passedOver } = await readDefinition({ text: JSON.stringify(record), source: 'web1' })
  t.match(values, {
    ...{ memory: '256MiB', vcpus: 2, on_crash: 'rename-restart', on_reboot: 'rename-restart' },
    kernel: { path: '/boot/vmlinuz', args: 'quiet' },
  })
  t.same(passedOver, ['VBDs'])
  const later = await definitionFrom(JSON.stringify({ ...record, memory_static_min: String(2 ** 29) }))
  t.equal(later.memoryBytes, 2 ** 29)
  t.equal(
    await complaintOf(
      JSON.stringify({ ...record, memory_static_min: null, actions_after_crash: 'coredump_and_restart' }),
    ),
    `Cannot use the definition "web1": it has 2 faults
  memory_static_min: it is "null", wanted a whole number of MiB, or of bytes
  actions_after_crash: it is "coredump_and_restart", wanted one of destroy, restart, preserve, rename_restart (no core is dumped here)`,
  )
})

test('readDefinition() gives a guest a uuid, and its interfaces addresses that stay', async (t) => {
  const text =
    'name = "web1"\nmemory = "1GiB"\ndisks = [{ path = "/img" }]\ninterfaces = [{ kind = "user" }, { kind = "user" }]\n'
  const first = await definitionFrom(text)
  t.match(first.uuid, /^[0-9a-f-]{36}$/)
  t.not((await definitionFrom(text)).uuid, first.uuid)
  const again = await definitionFrom(`uuid = "${first.uuid}"\n${text}`)
  t.same(again.interfaces, first.interfaces)
  t.match(first.interfaces, [{ mac: /^52:54:00(:[0-9a-f]{2}){3}$/ }, { mac: /^52:54:00/ }])
  t.not(first.interfaces[0]?.mac, first.interfaces[1]?.mac)
})

test('readDefinition() runs no file as a program, whatever it looks like', async (t) => {
  t.match(
    await complaintOf('import os\nos.system("touch /tmp/x")\n'),
    /^Cannot read the definition "web1" as TOML: line 1: .*; --format names another form, and none is run as a program$/,
  )
  t.match(await complaintOf('{"name": }'), /^Cannot read the definition "web1" as JSON: /)
  const list = readDefinition({ text: '[1]', source: 'web1', form: 'json' })
  await t.rejects(list, { message: 'Cannot read the definition "web1" as JSON: it is [ 1 ], wanted a table' })
})

test('formOf() tells the form by the content', (t) => {
  t.equal(formOf('# a comment (not a list)\n\nname = "web1"'), 'toml')
  t.equal(formOf('[stop]\n'), 'toml')
  t.equal(formOf(''), 'toml')
  t.equal(formOf('\uFEFF\n# by xm\n(domain)'), 'sxp')
  t.equal(formOf('<?xml version="1.0"?><domain/>'), 'xml')
  t.equal(formOf('{"name": "web1"}'), 'json')
  t.equal(formOf('{"name_label": "web1"}'), 'xen-api')
  t.end()
})

test('formNamed() refuses a form that is none', (t) => {
  t.equal(formNamed('sxp'), 'sxp')
  t.throws(() => formNamed('python'), {
    message: 'Cannot use "python" as a format: wanted one of toml, json, xml, sxp, xen-api',
  })
  t.end()
})
