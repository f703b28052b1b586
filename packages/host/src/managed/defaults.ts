/**
 * What a managed guest is when its definition does not say: the one table of defaults.
 * Written as in a file. A name, memory and something to boot from have none: nobody can guess them.
 */

/** By key of the definition's file. */
export const defaults = {
  driver: 'qemu',
  vcpus: 1,
  disks: [],
  interfaces: [],
  qemu_options: [],
  // A guest is left alone until somebody says otherwise.
  on_daemon_start: 'ignore',
  on_daemon_stop: 'ignore',
  // Not to ignore it: the host's own shutdown would kill the guest with its disks open.
  on_host_shutdown: 'shutdown',
  on_poweroff: 'destroy',
  on_reboot: 'restart',
  on_crash: 'restart',
  stop: { agent: '60s', acpi: '60s', kill: '10s' },
  restart: { first_wait: '1s', longest_wait: '5m', reset_after: '10m', restarts_max: 10 },
} as const

/** Of each of its kind. */
export const partDefaults = {
  disk: { format: 'raw', kind: 'disk', bus: 'virtio', read_only: false },
  interface: { model: 'virtio-net-pci' },
  kernel: { args: '' },
} as const
