/**
 * The system commands: each with the file, below src/, that exports it as `command`.
 * Its settings are in commands/NAME.toml.
 */

/** Files without their ending, by the command's name. */
export const commandTable: Readonly<Record<string, string>> = {
  'apply-network': 'network/apply-network',
  load: 'load/load',
}
