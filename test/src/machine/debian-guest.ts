/**
 * A Debian machine: systemd, udev and supervisord as Debian ships them, in the same QEMU and with the same ports as
 * the small machines.
 *
 * Whatever it writes is gone with it.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { debianMemoryMb, makeDebianDisks } from './debian-disks.js'
import type { ImageFile } from './image-contents.js'
import type { Prerequisites } from './prerequisites.js'
import { startVm } from './vm.js'
import type { Vm, VmOptions } from './vm.js'

interface DebianGuestOptions extends Omit<VmOptions, 'image'> {
  readonly prerequisites: Prerequisites
  /** On the second disk, in `/media`, for root to read. */
  readonly files?: readonly ImageFile[]
  readonly log: (line: string) => void
}

/** Starts a Debian machine; it has not booted yet. `close` takes it down and deletes its disks. */
export async function startDebianGuest({
  prerequisites,
  files = [],
  log,
  extraArgs = [],
  ...options
}: DebianGuestOptions): Promise<Vm> {
  const folder = await mkdtemp(join(tmpdir(), 'negotiator-stick-'))
  try {
    const { image, root, stick } = await makeDebianDisks({ prerequisites, files, folder, log })
    const disks = [`file=${root},snapshot=on`, `file=${stick},readonly=on`]
    const drives = disks.flatMap((disk) => ['-drive', `${disk},format=raw,if=virtio`])
    const vm = await startVm({
      memoryMb: debianMemoryMb,
      ...options,
      image,
      extraArgs: [...drives, ...extraArgs],
    })
    void vm.ended.then(() => rm(folder, { recursive: true, force: true }))
    return vm
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}
