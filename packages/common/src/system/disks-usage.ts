/**
 * What `disks-usage` answers: how full the file systems are.
 * Floor 1. The command prints it with `--json`; the schema checks what a guest answered.
 */
import * as z from 'zod/mini'
import { count } from './values.js'

/** A mounted file system. */
export interface FileSystemUsage {
  /** Where it is mounted. */
  readonly path: string
  /** What is mounted there: a device's path, or a name for what has no device. */
  readonly device: string
  /** Its type, such as `ext4`. */
  readonly fileSystem: string
  readonly totalBytes: number
  readonly usedBytes: number
  /** What others than root can still write. */
  readonly availableBytes: number
}

export interface DisksUsage {
  readonly fileSystems: readonly FileSystemUsage[]
}

export const disksUsageSchema: z.ZodMiniType<DisksUsage> = z.strictObject({
  fileSystems: z.array(
    z.strictObject({
      path: z.string().check(z.startsWith('/')),
      device: z.string(),
      fileSystem: z.string().check(z.minLength(1)),
      totalBytes: count,
      usedBytes: count,
      availableBytes: count,
    }),
  ),
})
