/**
 * What a host knows of a guest by oVirt's protocol: units in the names, numbers as numbers, nothing that is not known.
 * Floor 6. Types only. All of it is the guest's own word, to be shown escaped and believed by nobody.
 */

/** A network interface with its addresses. */
export interface PicturedInterface {
  readonly name: string
  readonly mac: string
  readonly ipv4: readonly string[]
  readonly ipv6: readonly string[]
}

/** A mounted file system. */
export interface PicturedDisk {
  readonly path: string
  readonly fileSystem: string
  readonly totalBytes: number
  readonly usedBytes: number
}

/** A container. */
export interface PicturedContainer {
  readonly id: string
  readonly names: readonly string[]
  readonly image: string
  readonly command: string
  readonly status: string
}

/** The operating system. */
export interface PicturedSystem {
  readonly type: string
  readonly distribution: string
  readonly version: string
  readonly codename: string
  readonly architecture: string
  readonly kernel: string
}

/** Memory; what an older agent does not tell is absent. */
export interface PicturedMemory {
  /** Free, and what the kernel gives back when it is asked. */
  readonly freeBytes: number
  readonly totalBytes?: number | undefined
  readonly unusedBytes?: number | undefined
  readonly buffersBytes?: number | undefined
  readonly cachedBytes?: number | undefined
  readonly swapTotalBytes?: number | undefined
  readonly swapUsedBytes?: number | undefined
  readonly swapInPagesPerSecond?: number | undefined
  readonly swapOutPagesPerSecond?: number | undefined
  readonly pageFaultsPerSecond?: number | undefined
  readonly majorPageFaultsPerSecond?: number | undefined
}

/** All that a guest has told. */
export interface Picture {
  readonly hostName?: string
  readonly fqdn?: string
  readonly osVersion?: string
  readonly system?: PicturedSystem
  readonly timezone?: { readonly zone: string; readonly offsetMinutes: number }
  readonly interfaces?: readonly PicturedInterface[]
  readonly applications?: readonly string[]
  readonly containers?: readonly PicturedContainer[]
  /** `null`: nobody. */
  readonly activeUser?: string | null
  readonly session?: 'logged-on' | 'logged-off' | 'locked' | 'unlocked'
  readonly disks?: readonly PicturedDisk[]
  /** Device paths by serial number. */
  readonly diskMapping?: Readonly<Record<string, string>>
  /** `null`: the guest cannot tell. */
  readonly cpuCount?: number | null
  readonly memory?: PicturedMemory
}
