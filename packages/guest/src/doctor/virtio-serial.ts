/**
 * Check: is there a virtio-serial device, and does the kernel drive it?
 * A port needs three things: the device (the host's affair), a bus driver that shows it, and virtio_console.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Check, Finding } from '@negotiator/common'
import { addChannelsOnHost } from './add-channels.js'
import { hasNoPorts } from './guest-scene.js'
import type { GuestScene } from './guest-scene.js'
import { findModule } from './kernel-module.js'

/** Looks at devices and modules. */
export const virtioSerialCheck: Check<GuestScene> = {
  name: 'virtio-serial',
  look: async (scene) => (hasNoPorts(scene) || scene.ports.length > 0 ? [] : [await look(scene)]),
}

/** A virtio device is a console, ours included, by this number. @see virtio 1.2, 5 "Device Types" */
const consoleDevice = 3
/** As seen on the PCI bus: transitional and modern. @see virtio 1.2, 4.1.2 "PCI Device Discovery" */
const pciDevices = ['0x1af4:0x1003', '0x1af4:0x1043']

async function look({ machineRoot }: GuestScene): Promise<Finding> {
  const module = async (name: string) => await findModule(machineRoot, name)
  const device = await findVirtioDevice(machineRoot)
  if (device === undefined && (await isOnPciBus(machineRoot)))
    return notDriven({
      what: 'the virtio-serial device is on the PCI bus, and no driver shows it',
      module: await module('virtio_pci'),
    })
  if (device === undefined)
    return {
      severity: 'error',
      code: 'no-virtio-serial',
      found: 'this machine has no virtio-serial device',
      why: 'The channels to the host are ports of that device: the machine was started without them, or is no virtual machine.',
      mend: addChannelsOnHost,
    }
  if (!device.isDriven)
    return notDriven({
      what: 'the virtio-serial device is there, and the kernel does not drive it',
      module: await module('virtio_console'),
    })
  return {
    severity: 'error',
    code: 'no-ports',
    found: 'the virtio-serial device has no named port',
    why: 'Each channel is a port with a name; the machine was started without them.',
    mend: addChannelsOnHost,
  }
}

async function findVirtioDevice(machineRoot: string): Promise<{ readonly isDriven: boolean } | undefined> {
  const folder = join(machineRoot, '/sys/bus/virtio/devices')
  for (const entry of await readdir(folder).catch(() => [])) {
    if (Number(await read(join(folder, entry, 'device'))) !== consoleDevice) continue
    return { isDriven: (await readdir(join(folder, entry))).includes('driver') }
  }
  return undefined
}

async function isOnPciBus(machineRoot: string): Promise<boolean> {
  const folder = join(machineRoot, '/sys/bus/pci/devices')
  for (const entry of await readdir(folder).catch(() => [])) {
    const [vendor, device] = [
      await read(join(folder, entry, 'vendor')),
      await read(join(folder, entry, 'device')),
    ]
    if (pciDevices.includes(`${vendor}:${device}`)) return true
  }
  return false
}

async function read(path: string): Promise<string> {
  return (await readFile(path, 'utf8').catch(() => '')).trim() // Unplugged since.
}

function notDriven({
  what,
  module,
}: {
  what: string
  module: Awaited<ReturnType<typeof findModule>>
}): Finding {
  const { name, release } = module
  const fault = {
    severity: 'error',
    why: 'Without it there are no ports, and nothing reaches the host.',
  } as const
  switch (module.kind) {
    case 'blacklisted':
      return {
        ...fault,
        code: 'module-blacklisted',
        found: `${what}: the module ${name} is blacklisted in "${module.file}"`,
        mend: `Remove the line \`blacklist ${name}\` from ${module.file}, then: modprobe ${name}`,
      }
    case 'loadable':
      return {
        ...fault,
        code: 'module-not-loaded',
        found: `${what}: the module ${name} is not loaded`,
        mend: `modprobe ${name}\nand for the next start: echo ${name} > /etc/modules-load.d/${name}.conf`,
      }
    case 'present':
      return {
        ...fault,
        code: 'device-unbound',
        found: `${what}, although ${name} is there`,
        mend: `Read why: dmesg | grep -i virtio`,
      }
    case 'absent':
      return {
        ...fault,
        code: 'module-missing',
        found: `${what}: the kernel ${release} has no ${name}`,
        mend:
          `Boot a kernel that has it (CONFIG_${name.toUpperCase()}), e.g. your distribution's ordinary one;\n` +
          `on Ubuntu: apt-get install linux-modules-extra-${release}`,
      }
    case 'no-modules':
      return {
        ...fault,
        code: 'modules-gone',
        found: `${what}: ${name} is not loaded, and "/lib/modules/${release}" is not there`,
        mend: 'Was the kernel upgraded without a reboot since? Reboot; otherwise install the modules of this kernel.',
      }
  }
}
