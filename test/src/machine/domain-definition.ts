/**
 * The XML of a test's domains, as a person would write it.
 *
 * Pure. What libvirt fills in by itself is left out.
 */
import { kernelOptions } from './qemu-arguments.js'

/** What a domain boots, and how a test hears of it. */
export interface BootParts {
  readonly kernel: string
  readonly initramfs: string
  /** Its host name inside. */
  readonly hostName: string
  /** A file for what kernel and start script print. */
  readonly logPath: string
  /** A UNIX socket for `GuestConsole`. */
  readonly consolePath: string
}

/** A domain. */
export interface DomainParts {
  readonly name: string
  readonly uuid: string
  /** Names of virtio channels; none unless told. */
  readonly channels?: readonly string[]
  /** More elements for `<devices>`. */
  readonly devices?: string
  readonly memoryMb?: number
  /** Without it there is nothing to boot: such a domain is started paused. */
  readonly boot?: BootParts
}

/** @returns a `<domain>` of an emulated machine */
export function domainXml({
  name,
  uuid,
  channels = [],
  devices = '',
  memoryMb = 32,
  boot,
}: DomainParts): string {
  return `<domain type='qemu'>
  <name>${escape(name)}</name>
  <uuid>${uuid}</uuid>
  <memory unit='MiB'>${memoryMb}</memory>
  <vcpu>${boot === undefined ? 1 : 2}</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type>${boot === undefined ? '' : bootXml(boot)}</os>
  <features><acpi/></features>
  <cpu mode='maximum'><feature policy='disable' name='erms'/></cpu>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <memballoon model='none'/>${channels.map(channelXml).join('')}${devices}${boot === undefined ? '' : serialXml(boot)}
  </devices>
</domain>
`
}

/** @returns a `<channel>`, whose socket is libvirt's affair */
export function channelXml(name: string): string {
  return `
    <channel type='unix'>
      <target type='virtio' name='${name}'/>
    </channel>`
}

/** @returns a `<disk>` for `<devices>`, whose file is the bare contents */
export function diskXml({
  path,
  device,
  isReadOnly = false,
}: {
  readonly path: string
  /** In the guest, e.g. `vda`. */
  readonly device: string
  readonly isReadOnly?: boolean
}): string {
  return `
    <disk type='file'>
      <driver name='qemu' type='raw'/><source file='${path}'/><target dev='${device}' bus='virtio'/>${isReadOnly ? '<readonly/>' : ''}
    </disk>`
}

function bootXml({ kernel, initramfs, hostName }: BootParts): string {
  const options = `${kernelOptions} negotiator.hostname=${hostName}`
  return `<kernel>${kernel}</kernel><initrd>${initramfs}</initrd><cmdline>${options}</cmdline>`
}

function serialXml({ logPath, consolePath }: BootParts): string {
  return `
    <serial type='file'><source path='${logPath}'/><target port='0'/></serial>
    <serial type='unix'><source mode='bind' path='${consolePath}'/><target port='1'/></serial>`
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
