/**
 * The system commands: each with the file, below src/, that exports it as `command`.
 * Its settings are in commands/NAME.toml.
 */

/** Files without their ending, by the command's name. */
export const commandTable: Readonly<Record<string, string>> = {
  'active-user': 'users/active-user',
  applications: 'software/applications',
  containers: 'software/containers',
  cpus: 'load/cpus',
  disks: 'disks/disks',
  'disks-usage': 'disks/disks-usage',
  'host-name': 'identity/host-name',
  load: 'load/load',
  memory: 'memory/memory',
  'memory-stats': 'memory/memory-stats',
  'network-interfaces': 'network/network-interfaces',
  'os-info': 'identity/os-info',
  time: 'time/time',
  timezone: 'time/timezone',
  users: 'users/users',
}
