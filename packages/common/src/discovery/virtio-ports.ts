/**
 * Where a guest's virtio ports lie, by the names that the kernel gives them in sysfs.
 * Floor 1. Needs no udev: a minimal guest has no /dev/virtio-ports.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SystemError, systemCodeOf } from '../errors.js'

/** The folders to look in; tests give their own. */
export interface DeviceFolders {
  /** Where the kernel names the ports. */
  readonly sysfs: string
  /** Where their device nodes are. */
  readonly dev: string
}

export const kernelFolders: DeviceFolders = { sysfs: '/sys/class/virtio-ports', dev: '/dev' }

/**
 * Finds a port by its name.
 * @returns the device node's path, e.g. `/dev/vport0p1`
 * @throws {SystemError} `no-virtio-console` when the kernel has no virtio ports at all, `port-missing` when it has others
 */
export async function findPort(name: string, { sysfs, dev }: DeviceFolders = kernelFolders): Promise<string> {
  const entries = await readdir(sysfs).catch((cause: unknown) => {
    throw new SystemError(
      `Cannot find the port "${name}": this kernel has no virtio ports (${systemCodeOf(cause) ?? 'unknown error'}); ` +
        'is the module virtio_console loaded, and is this a virtual machine?',
      { code: 'no-virtio-console', cause },
    )
  })
  const names = new Map<string, string>()
  for (const entry of entries) {
    const text = await readFile(join(sysfs, entry, 'name'), 'utf8').catch(() => '') // Unplugged since, or a nameless port.
    names.set(text.trim(), entry)
  }
  const entry = names.get(name)
  if (entry !== undefined) return join(dev, entry)
  const others = [...names.keys()].filter((other) => other !== '').sort()
  throw new SystemError(
    `Cannot find the port "${name}": the virtual machine has ${others.length === 0 ? 'none' : others.join(', ')}; ` +
      'add the channel to its definition and start it anew',
    { code: 'port-missing' },
  )
}
