/**
 * What a QEMU command line says of its machine: its name, its uuid, and the sockets of its channels.
 * Floor 1. Pure. Options are read as QEMU reads them: `key=value` pairs, doubled commas, or JSON.
 */
import { basename, resolve } from 'node:path'
import { channelNames } from './channel-names.js'
import type { ChannelName } from './channel-names.js'

/** A machine as its command line describes it. */
export interface QemuMachine {
  /** From `-name`. */
  readonly name?: string | undefined
  /** From `-uuid`, in lower case. */
  readonly uuid?: string | undefined
  readonly sockets: Readonly<Partial<Record<ChannelName, string>>>
  /** A UNIX socket on which QEMU's monitor speaks QMP. */
  readonly monitor?: string | undefined
}

type Options = ReadonlyMap<string, string>

/** Whether a process is a QEMU system emulator. */
export function isQemu(argv: readonly string[]): boolean {
  return /^(qemu-system-.+|qemu-kvm|kvm)$/.test(basename(argv[0] ?? ''))
}

/**
 * Reads a command line.
 * @param process its `argv` and the `folder` in which it was started, for relative paths
 */
export function parseQemuCommandLine({ argv, folder }: { argv: readonly string[]; folder: string }): QemuMachine {
  const values = (option: string): readonly string[] => valuesOf(option, argv)
  const chardevs = new Map(values('chardev').map((value) => chardevOf(value, folder)))
  const sockets: Partial<Record<ChannelName, string>> = {}
  for (const device of values('device').map((value) => optionsOf(value, 'driver'))) {
    const name = channelNames.find((known) => known === device.get('name'))
    const path = chardevs.get(device.get('chardev') ?? '')
    if (device.get('driver') === 'virtserialport' && name !== undefined && path !== undefined) sockets[name] = path
  }
  return {
    name: values('name').map((value) => optionsOf(value, 'guest').get('guest'))[0],
    uuid: values('uuid')[0]?.toLowerCase(),
    sockets,
    monitor: monitorOf({ qmp: values('qmp'), mon: values('mon'), chardevs, folder }),
  }
}

/** QEMU takes `-option value` and `--option value`. */
function valuesOf(option: string, argv: readonly string[]): readonly string[] {
  return argv.flatMap((argument, index) => {
    const value = argv[index + 1]
    return (argument === `-${option}` || argument === `--${option}`) && value !== undefined ? [value] : []
  })
}

function optionsOf(value: string, firstKey: string): Options {
  return value.startsWith('{') ? jsonOptions(value) : keyedOptions(value, firstKey)
}

/** `web1,debug-threads=on`: the first part may lack its key; `,,` stands for a comma. */
function keyedOptions(value: string, firstKey: string): Options {
  const parts = value.replaceAll(',,', '\0').split(',').map((part) => part.replaceAll('\0', ','))
  return new Map(
    parts.map((part, index) => {
      const at = part.indexOf('=')
      if (at >= 0) return [part.slice(0, at), part.slice(at + 1)]
      return index === 0 ? [firstKey, part] : [part, 'on']
    }),
  )
}

function jsonOptions(value: string): Options {
  try {
    const parsed: unknown = JSON.parse(value)
    if (typeof parsed !== 'object' || parsed === null) return new Map()
    return new Map(Object.entries(parsed).map(([key, item]) => [key, String(item)]))
  } catch {
    return new Map() // QEMU itself would not have started with it; another process only looks like QEMU.
  }
}

/** A chardev's id and its socket's path; one that is no UNIX socket with a path has none. */
function chardevOf(value: string, folder: string): readonly [id: string, path: string | undefined] {
  const options = optionsOf(value, 'backend')
  const path = options.get('path')
  const isSocket = options.get('backend') === 'socket' && path !== undefined && options.get('abstract') !== 'on'
  return [options.get('id') ?? '', isSocket ? resolve(folder, path) : undefined]
}

function monitorOf({
  qmp,
  mon,
  chardevs,
  folder,
}: {
  qmp: readonly string[]
  mon: readonly string[]
  chardevs: ReadonlyMap<string, string | undefined>
  folder: string
}): string | undefined {
  const direct = qmp.map((value) => keyedOptions(value, 'address').get('address') ?? '').find((address) => address.startsWith('unix:'))
  if (direct !== undefined) return resolve(folder, direct.slice('unix:'.length))
  const control = mon.map((value) => optionsOf(value, 'chardev')).find((options) => options.get('mode') === 'control')
  return chardevs.get(control?.get('chardev') ?? '')
}
