/**
 * The system commands: each with the file, below src/, that exports it as `command`.
 * Its settings are in commands/NAME.toml.
 */

/** Files without their ending, by the command's name. */
export const commandTable: Readonly<Record<string, string>> = {
  'file-get': 'files/file-get',
  'file-put': 'files/file-put',
  load: 'load/load',
  power: 'power/power',
  'self-update': 'update/self-update-command',
  session: 'session/session',
  'set-host-name': 'host-name/set-host-name',
  'set-password': 'accounts/set-password',
  'ssh-key': 'accounts/ssh-key-command',
}
