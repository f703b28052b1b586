/**
 * The system commands: each with the file, below src/, that exports it as `command`.
 * Its settings are in commands/NAME.toml.
 */

/** Files without their ending, by the command's name. */
export const commandTable: Readonly<Record<string, string>> = {
  'active-user': 'users/active-user',
  applications: 'software/applications',
  'apply-network': 'network/apply-network',
  containers: 'software/containers',
  cpus: 'load/cpus',
  disks: 'disks/disks',
  'disks-usage': 'disks/disks-usage',
  'file-get': 'files/file-get',
  'file-put': 'files/file-put',
  'host-name': 'identity/host-name',
  load: 'load/load',
  memory: 'memory/memory',
  'memory-stats': 'memory/memory-stats',
  'network-interfaces': 'network/network-interfaces',
  'os-info': 'identity/os-info',
  power: 'power/power',
  'self-update': 'update/self-update-command',
  session: 'session/session',
  'set-host-name': 'host-name/set-host-name',
  'set-password': 'accounts/set-password',
  'ssh-key': 'accounts/ssh-key-command',
  time: 'time/time',
  timezone: 'time/timezone',
  users: 'users/users',
}
