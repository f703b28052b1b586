/**
 * From a definition as it is written to one that a driver starts: quantities become numbers.
 * Pure.
 */
import { parseByteCount, parseDurationMs } from '@negotiator/common'
import type { GuestDefinition, GuestDisk } from './definition.js'
import type { DefinitionValues } from './definition-values.js'

/** @param values as the schema has checked them */
export function definitionOf(values: DefinitionValues): GuestDefinition {
  const { stop, restart } = values
  return {
    uuid: values.uuid,
    name: values.name,
    driver: values.driver,
    memoryBytes: checked(parseByteCount(values.memory)),
    vcpuCount: values.vcpus,
    kernel: values.kernel,
    disks: values.disks.map(diskOf),
    interfaces: values.interfaces,
    qemuOptions: values.qemu_options,
    onDaemonStart: values.on_daemon_start,
    onDaemonStop: values.on_daemon_stop,
    onHostShutdown: values.on_host_shutdown,
    onPoweroff: values.on_poweroff,
    onReboot: values.on_reboot,
    onCrash: values.on_crash,
    stop: { agentMs: stepMs(stop.agent), acpiMs: stepMs(stop.acpi), killMs: stepMs(stop.kill) },
    restart: {
      firstMs: checked(parseDurationMs(restart.first_wait)),
      mostMs: checked(parseDurationMs(restart.longest_wait)),
      resetAfterMs: checked(parseDurationMs(restart.reset_after)),
      restartCountMax: restart.restarts_max,
    },
  }
}

function diskOf({ read_only: isReadOnly, ...rest }: DefinitionValues['disks'][number]): GuestDisk {
  return { ...rest, isReadOnly }
}

/** `skip` is no duration, and leaves the step out. */
function stepMs(text: string): number | undefined {
  return text === 'skip' ? undefined : checked(parseDurationMs(text))
}

function checked(quantity: number | undefined): number {
  if (quantity === undefined) throw new TypeError('the schema let a quantity through that is none')
  return quantity
}
