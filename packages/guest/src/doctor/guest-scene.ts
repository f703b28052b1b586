/**
 * What the guest's checks may look at: the scene of both sides, and the guest's virtio ports.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kernelFolders } from '@negotiator/common'
import type { DeviceFolders, Scene } from '@negotiator/common'

/** A guest. */
export interface GuestScene extends Scene {
  readonly devices: DeviceFolders
  /** All named ports. */
  readonly ports: readonly NamedPort[]
  /** Now, in milliseconds since 1970. */
  readonly nowMs: number
}

/** A virtio port that has a name. */
export interface NamedPort {
  readonly name: string
  /** Where its device node should be, e.g. `/dev/vport0p1`. */
  readonly device: string
  /** The node's numbers, e.g. `245:1`; empty when the kernel does not tell. */
  readonly numbers: string
}

/** Adds the ports to a scene. */
export async function guestScene(scene: Scene, nowMs: number): Promise<GuestScene> {
  const devices: DeviceFolders = {
    sysfs: join(scene.machineRoot, kernelFolders.sysfs),
    dev: join(scene.machineRoot, kernelFolders.dev),
  }
  return { ...scene, devices, nowMs, ports: await readPorts(devices) }
}

/** Whether the channels are sockets in a folder, as in a container, and the virtio ports of no interest. */
export function hasNoPorts({ config }: Pick<GuestScene, 'config'>): boolean {
  return config['channel-folder'] !== ''
}

async function readPorts({ sysfs, dev }: DeviceFolders): Promise<readonly NamedPort[]> {
  const entries = await readdir(sysfs).catch(() => [])
  const text = async (entry: string, file: string): Promise<string> =>
    (await readFile(join(sysfs, entry, file), 'utf8').catch(() => '')).trim()
  const ports = await Promise.all(
    entries.map(async (entry) => ({
      name: await text(entry, 'name'),
      device: join(dev, entry),
      numbers: await text(entry, 'dev'),
    })),
  )
  return ports.filter(({ name }) => name !== '')
}
