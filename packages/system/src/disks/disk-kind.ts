/**
 * Tells what a block device is by the kernel's name for it. Pure.
 */
import type { Disk } from '@negotiator/common/system'

const byName: readonly [pattern: RegExp, kind: Disk['kind']][] = [
  [/^loop\d/, 'loop'],
  [/^sr\d/, 'cdrom'],
  [/^md\d/, 'raid'],
  [/^(?:zram|ram|pmem)\d/, 'memory'],
]

/** @param mapperId what the device mapper says of its own devices, such as `LVM-...` */
export function kindOf(name: string, mapperId: string | undefined): Disk['kind'] {
  if (!/^dm-\d/.test(name)) return byName.find(([pattern]) => pattern.test(name))?.[1] ?? 'disk'
  if (mapperId?.startsWith('LVM-') === true) return 'lvm'
  return mapperId?.startsWith('CRYPT-') === true ? 'encrypted' : 'mapped'
}
