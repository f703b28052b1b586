/**
 * The command line of a test machine.
 *
 * Pure. Ports are laid out as libvirt and people lay them out, for the host's discovery reads this line too; the
 * monitor and both serial ports are sockets that QEMU inherits.
 */
import type { Image } from './image.js'

/** A port between host and guest. */
export interface Port {
  readonly name: string
  /** QEMU listens there. */
  readonly socketPath: string
}

/** File descriptors that QEMU inherits, each a connected socket. */
export interface InheritedSockets {
  readonly monitor: number
  /** First serial port: what the kernel and the start script print. */
  readonly log: number
  /** Second serial port: the shell. */
  readonly console: number
}

/** What a machine looks like. */
export interface Hardware {
  readonly image: Image
  readonly name: string
  readonly uuid: string
  readonly memoryMb: number
  readonly cpus: number
  readonly accelerator: 'tcg' | 'kvm'
  readonly ports: readonly Port[]
  readonly extraArgs: readonly string[]
}

// `man sun_path`: 108 bytes with the NUL at the end.
const socketPathBytesMax = 107
const hostName = /^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/

// Emulated, the fast string instructions move one byte at a time; without them Linux copies by words and boots
// in two thirds of the time.
const cpus = { tcg: 'max,erms=off', kvm: 'host' } as const

// Each takes something off a boot under emulation that a test has no use for. Not among them is `nokaslr`: a reboot
// then unpacks the kernel over its old self, and QEMU takes 8 s more to forget what it had translated.
export const kernelOptions =
  'console=ttyS0 quiet mitigations=off cryptomgr.notests tsc=reliable no_timer_check'

/**
 * @returns the arguments after the program's name
 * @throws Error when the name cannot be a host name or a socket's path is too long for the kernel
 */
export function qemuArguments(hardware: Hardware, sockets: InheritedSockets): string[] {
  const { image, name, uuid, memoryMb, cpus: cpuCount, accelerator, ports, extraArgs } = hardware
  if (!hostName.test(name))
    throw new Error(`Cannot start machine "${name}": a name has letters, digits, "-" and "." only`)
  return [
    ...['-name', name, '-uuid', uuid, '-nodefaults', '-no-user-config', '-display', 'none'],
    ...['-machine', 'q35', '-accel', accelerator, '-cpu', cpus[accelerator]],
    ...['-smp', `${cpuCount}`, '-m', `${memoryMb}`],
    ...['-kernel', image.kernel, '-initrd', image.initramfs],
    ...['-append', `${kernelOptions} negotiator.hostname=${name} negotiator.ports=${ports.length}`],
    ...['-chardev', `socket,id=monitor,fd=${sockets.monitor}`, '-mon', 'chardev=monitor,mode=control'],
    ...['-chardev', `socket,id=log,fd=${sockets.log}`, '-serial', 'chardev:log'],
    ...['-chardev', `socket,id=console,fd=${sockets.console}`, '-serial', 'chardev:console'],
    ...['-device', 'virtio-serial-pci,id=virtio-serial0'],
    ...ports.flatMap(portArguments),
    ...extraArgs,
  ]
}

function portArguments({ name, socketPath }: Port, index: number): string[] {
  const bytes = Buffer.byteLength(socketPath)
  if (bytes > socketPathBytesMax) {
    throw new Error(
      `Cannot listen at ${socketPath}: ${bytes} bytes, at most ${socketPathBytesMax} fit; use a shorter folder`,
    )
  }
  const device = `virtserialport,bus=virtio-serial0.0,chardev=charchannel${index},id=channel${index},name=${escape(name)}`
  return [
    ...['-chardev', `socket,id=charchannel${index},path=${escape(socketPath)},server=on,wait=off`],
    ...['-device', device],
  ]
}

/** In QEMU's options a comma ends a value unless it is doubled. */
function escape(value: string): string {
  return value.replaceAll(',', ',,')
}
