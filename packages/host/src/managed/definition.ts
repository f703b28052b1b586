/**
 * A managed guest as the store keeps it and as a driver starts it: the contract between the two.
 * Types alone, nothing runs. Quantities are numbers here; a file has them as people write them (`512MiB`, `30s`).
 */

/** What is done when a guest's machine has ended, by itself or by a fault. */
export type ExitAction = 'destroy' | 'restart' | 'preserve' | 'rename-restart'

/** What is done with a guest that runs when the daemon, or the host, goes down. */
export type DownAction = 'ignore' | 'shutdown' | 'suspend'

/** A disk; the first one is booted from when there is no kernel. */
export interface GuestDisk {
  /** Absolute, of an image or a block device. */
  readonly path: string
  /** Never guessed from the content, which the guest writes. */
  readonly format: 'raw' | 'qcow2'
  readonly kind: 'disk' | 'cdrom'
  readonly bus: 'virtio' | 'scsi' | 'sata' | 'ide'
  readonly isReadOnly: boolean
}

/** A network interface. */
export type GuestInterface = {
  /** In lower case, six bytes with colons; made when the guest is defined, and kept. */
  readonly mac: string
  /** QEMU's name of the device, such as `virtio-net-pci`. */
  readonly model: string
} & (
  | { readonly kind: 'user' }
  | { readonly kind: 'bridge'; readonly bridge: string }
  | { readonly kind: 'tap'; readonly device: string }
)

/** A kernel that is started without a boot loader. */
export interface GuestKernel {
  /** Absolute. */
  readonly path: string
  /** Absolute. */
  readonly initrd?: string | undefined
  /** The kernel's command line; empty when it has none. */
  readonly args: string
}

/** How long each step of a stop may take; a step that is `undefined` is left out. */
export interface StopDeadlines {
  /** The agent in the guest was asked to shut down. */
  readonly agentMs: number | undefined
  /** The power button was pressed. */
  readonly acpiMs: number | undefined
  /** The machine was told to end, before its process is killed. Without it nothing is killed: the guest is left as it is. */
  readonly killMs: number | undefined
}

/** How a guest is restarted that ends again and again: each wait is twice the last. */
export interface RestartBackOff {
  readonly firstMs: number
  readonly mostMs: number
  /** A guest that ran so long begins with `firstMs` again, and its restarts are counted anew. */
  readonly resetAfterMs: number
  /** After so many it is left off, and that is told. */
  readonly restartCountMax: number
}

/** A managed guest. */
export interface GuestDefinition {
  /** In lower case; it never changes. */
  readonly uuid: string
  /** Unique among the managed guests; a guest can be renamed. */
  readonly name: string
  /** The driver that starts it. */
  readonly driver: string
  readonly memoryBytes: number
  readonly vcpuCount: number
  readonly kernel?: GuestKernel | undefined
  readonly disks: readonly GuestDisk[]
  readonly interfaces: readonly GuestInterface[]
  /** Further arguments of QEMU, one by one: no shell ever reads them. */
  readonly qemuOptions: readonly string[]
  readonly onDaemonStart: 'ignore' | 'start'
  readonly onDaemonStop: DownAction
  readonly onHostShutdown: DownAction
  readonly onPoweroff: ExitAction
  readonly onReboot: ExitAction
  readonly onCrash: ExitAction
  readonly stop: StopDeadlines
  readonly restart: RestartBackOff
}
