/**
 * What `disks` answers: the block devices, and what each is.
 * Floor 1. The command prints it with `--json`; the schema checks what a guest answered.
 */
import * as z from 'zod/mini'
import { count, textOrNull } from './values.js'

const kinds = ['disk', 'partition', 'cdrom', 'loop', 'raid', 'lvm', 'encrypted', 'mapped', 'memory'] as const

/** A block device. */
export interface Disk {
  /** As the kernel names it, such as `vda1`. */
  readonly name: string
  /** Such as `/dev/vda1`. */
  readonly path: string
  readonly kind: (typeof kinds)[number]
  /** The devices that it is a part of or made of, by name. */
  readonly parents: readonly string[]
  readonly sizeBytes: number
  /** What the host gave the disk (`serial=` of QEMU): by it both sides mean the same disk. */
  readonly serial: string | null
  readonly model: string | null
  readonly isReadOnly: boolean
  readonly isRemovable: boolean
  /** What is on it, such as `ext4` or `swap`. */
  readonly fileSystem: string | null
  readonly label: string | null
  /** The file system's. */
  readonly uuid: string | null
  readonly mountPoints: readonly string[]
}

export interface Disks {
  readonly disks: readonly Disk[]
}

export const disksSchema: z.ZodMiniType<Disks> = z.strictObject({
  disks: z.array(
    z.strictObject({
      name: z.string().check(z.minLength(1)),
      path: z.string().check(z.startsWith('/dev/')),
      kind: z.enum(kinds),
      parents: z.array(z.string()),
      sizeBytes: count,
      serial: textOrNull,
      model: textOrNull,
      isReadOnly: z.boolean(),
      isRemovable: z.boolean(),
      fileSystem: textOrNull,
      label: textOrNull,
      uuid: textOrNull,
      mountPoints: z.array(z.string()),
    }),
  ),
})
