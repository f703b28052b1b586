import { UsageError } from '@negotiator/common'
import { test } from 'tap'
import { readDefinition } from '../read-definition.js'
import type { ReadDefinition } from '../read-definition.js'

/** Byte by byte as Xend's own code printed it, with the keys that it wrote twice. */
const printed = `(domain
    (uuid 9b1f0f3a-0000-4000-8000-000000000001)
    (vcpus 2)
    (vcpu_avail 3)
    (cpu_weight 1.0)
    (memory 256)
    (shadow_memory 0)
    (maxmem 512)
    (features )
    (name web1)
    (on_crash preserve)
    (on_poweroff destroy)
    (on_reboot restart)
    (on_xend_start start)
    (on_xend_stop shutdown)
    (image (linux (kernel /boot/vmlinuz) (ramdisk /boot/initrd) (root '/dev/xvda1 ro') (args quiet)))
    (security ())
    (online_vcpus 2)
    (on_xend_start start)
    (on_xend_stop shutdown)
    (status 0)
    (device (vbd (uname file:/img) (mode w) (dev xvda1:disk) (uuid a547a594-62f8-e217-3398-215d8320cc6a)))
    (device (vif (bridge xenbr0) (mac 00:16:3e:00:00:01) (uuid 272656af-32ba-0aa6-47b8-fac5d95b78e1)))
)
`

async function read(text: string): Promise<ReadDefinition> {
  return await readDefinition({ text, source: 'config.sxp' })
}

/** What is wrong with it when a line is another one. */
async function complaintOf(line: string, instead: string): Promise<string> {
  return await read(printed.replace(line, instead)).then(
    () => 'none',
    (error: unknown) => (error instanceof UsageError ? error.message : 'another error'),
  )
}

test('readDefinition() takes what Xend kept, exactly, and names the rest', async (t) => {
  t.same(await read(printed), {
    values: {
      uuid: '9b1f0f3a-0000-4000-8000-000000000001',
      name: 'web1',
      driver: 'qemu',
      memory: '256MiB',
      vcpus: 2,
      kernel: { path: '/boot/vmlinuz', initrd: '/boot/initrd', args: 'root=/dev/xvda1 ro quiet' },
      disks: [{ path: '/img', format: 'raw', kind: 'disk', bus: 'virtio', read_only: false }],
      interfaces: [{ kind: 'bridge', bridge: 'xenbr0', mac: '00:16:3e:00:00:01', model: 'virtio-net-pci' }],
      qemu_options: [],
      on_daemon_start: 'start',
      on_daemon_stop: 'shutdown',
      on_host_shutdown: 'shutdown',
      on_poweroff: 'destroy',
      on_reboot: 'restart',
      on_crash: 'preserve',
      stop: { agent: '60s', acpi: '60s', kill: '10s' },
      restart: { first_wait: '1s', longest_wait: '5m', reset_after: '10m', restarts_max: 10 },
    },
    passedOver: [
      ...['vcpu_avail', 'cpu_weight', 'shadow_memory', 'maxmem', 'features', 'security', 'online_vcpus'],
      ...['status', 'device vbd uuid', 'device vif uuid'],
    ],
  })
})

test('readDefinition() takes no state of the moment for a definition, and pins nothing unasked', async (t) => {
  const state = '(domid 7) (up_time 12.5) (start_time 1160128000.1) (state -b----) (store_mfn 12) (status 2)'
  const { values, passedOver } = await read(
    printed.replace('(status 0)', `${state} (cpus "0-3,^1") (cpus (0 2 3))`),
  )
  t.same(values, (await read(printed)).values)
  for (const name of ['domid', 'up_time', 'start_time', 'state', 'store_mfn', 'status', 'cpus'])
    t.ok(passedOver.includes(name), name)
})

const begin = 'Cannot use the definition "config.sxp": it has a fault\n  '
const exits = 'wanted one of "destroy", "restart", "preserve", "rename-restart"'
const faults: readonly (readonly [line: string, instead: string, fault: string])[] = [
  // Xend took it for 0, and told that 0 was wrong.
  ['(memory 256)', '(memory x)', '(memory): it is "x", wanted a whole number of MiB'],
  [
    '(memory 256)',
    '(memory 0)',
    `memory: it is "0MiB", wanted a size such as "10MiB": a whole number above 0 and "B", "KiB", "MiB", "GiB" or "TiB", 1MiB at least`,
  ],
  ['(memory 256)', '(memory 256.5)', '(memory): it is "256.5", wanted a whole number of MiB'],
  ['(vcpus 2)', '(vcpus two)', '(vcpus): it is "two", wanted a whole number'],
  ['(on_crash preserve)', '(on_crash explode)', `on_crash: it is "explode", ${exits}`],
  ['(on_crash preserve)', '(on_crash rename_restart)', `on_crash: it is "rename_restart", ${exits}`],
  [
    '(device (vif',
    '(device (vfb (type vnc))) (device (vif',
    '(device): its type is "vfb", wanted one of vbd, tap, vif, vtpm, pci, ioports, irq, usb',
  ],
  ['(status 0)', '(on_xend_stop suspend)', '(on_xend_stop): it is both "shutdown" and "suspend"; leave one'],
  ['(status 0)', '(name web2)', '(name): it is both "web1" and "web2"; leave one'],
  [
    '(status 0)',
    '(uuid 9b1f0f3a-0000-4000-8000-00000000000x)',
    '(uuid): it is both "9b1f0f3a-0000-4000-8000-000000000001" and "9b1f0f3a-0000-4000-8000-00000000000x"; leave one',
  ],
  [
    '(uuid 9b1f0f3a-0000-4000-8000-000000000001)',
    '(uuid 00000000-0000-0000-0000-000000000000)',
    '(uuid): it is "00000000-0000-0000-0000-000000000000", wanted a uuid',
  ],
  ['(args quiet)', '(args (quiet))', '(image (linux (args))): wanted one value'],
  [
    '(bridge xenbr0)',
    '(bridge xenbr0) (bridge xenbr1)',
    '(device (vif (bridge))): it is both "xenbr0" and "xenbr1"; leave one',
  ],
  [
    '(mac 00:16',
    '(mac 01:16',
    'interfaces[0].mac: it is "01:16:3e:00:00:01", wanted the address of one device, such as "52:54:00:12:34:56"',
  ],
]
for (const [line, instead, fault] of faults)
  test(`readDefinition() refuses ${instead}`, async (t) => {
    t.equal(await complaintOf(line, instead), `${begin}${fault}`)
  })

test('readDefinition() takes what is empty for absent', async (t) => {
  const { values } = await read(
    printed.replace('(ramdisk /boot/initrd)', '(ramdisk )').replace('(mac 00:16:3e:00:00:01)', '(mac)'),
  )
  t.same(values.kernel, { path: '/boot/vmlinuz', args: 'root=/dev/xvda1 ro quiet' })
  t.match(values.interfaces, [{ mac: /^52:54:00:/ }])
})

test('readDefinition() takes a key twice that says the same', async (t) => {
  t.same(
    (await read(printed.replace('(status 0)', '(name web1) (memory 256)'))).values,
    (await read(printed)).values,
  )
})

const guesses: readonly (readonly [what: string, text: string, sentence: RegExp])[] = [
  [
    'Python',
    '# -*- mode: python; -*-\nimport os\nname = "web1"\n',
    /as TOML: line 2: .*; --format names another form, and none is run as a program$/,
  ],
  [
    'settings of xm',
    'name = "web1"\nmemory = 256\nvif = ["mac=00:16:3e:00:00:01"]\n',
    /vif: there is no such setting/,
  ],
  [
    "XML that is not libvirt's",
    '<?xml version="1.0"?><xm><vm/></xm>',
    /as libvirt XML: it is <xm>, wanted <domain>$/,
  ],
]
for (const [what, text, sentence] of guesses)
  test(`readDefinition() runs no ${what}`, async (t) => {
    await t.rejects(read(text), { message: sentence })
  })
