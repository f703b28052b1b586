/**
 * A managed guest as it is written in a file, whichever form the file had: what the schema gives, and the store keeps.
 * Types alone, nothing runs.
 */
import type { DownAction, ExitAction, GuestDefinition, GuestDisk, GuestInterface } from './definition.js'

/** A definition as it is in a file: each setting is there, and right. */
export interface DefinitionValues extends Pick<GuestDefinition, 'uuid' | 'name' | 'driver' | 'kernel'> {
  readonly memory: string
  readonly vcpus: number
  readonly disks: readonly DiskValues[]
  readonly interfaces: readonly GuestInterface[]
  readonly qemu_options: readonly string[]
  readonly on_daemon_start: GuestDefinition['onDaemonStart']
  readonly on_daemon_stop: DownAction
  readonly on_host_shutdown: DownAction
  readonly on_poweroff: ExitAction
  readonly on_reboot: ExitAction
  readonly on_crash: ExitAction
  readonly stop: Readonly<Record<'agent' | 'acpi' | 'kill', string>>
  readonly restart: Readonly<Record<'first_wait' | 'longest_wait' | 'reset_after', string>> & {
    readonly restarts_max: number
  }
}

type DiskValues = Omit<GuestDisk, 'isReadOnly'> & { readonly read_only: boolean }
