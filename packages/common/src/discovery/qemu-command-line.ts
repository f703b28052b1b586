/**
 * What a QEMU command line says of its machine: its name, its uuid, and the sockets of its channels.
 * Floor 1. Pure. Options are read as QEMU reads them, oddities included; what it would refuse is passed over here.
 * @see https://www.qemu.org/docs/master/system/invocation.html
 */
import { basename, resolve } from 'node:path'
import { channelNames } from './channel-names.js'
import type { ChannelName } from './channel-names.js'
import { parseUuid } from './uuid.js'

/** A machine as its command line describes it. */
export interface QemuMachine {
  /** From `-name`. */
  readonly name?: string | undefined
  /** From `-uuid` or `-smbios type=1`, in lower case. */
  readonly uuid?: string | undefined
  readonly sockets: Readonly<Partial<Record<ChannelName, string>>>
  /** Channels that the machine has and that we cannot connect to, each with the reason. */
  readonly unreachable: Readonly<Partial<Record<ChannelName, string>>>
  /** A UNIX socket on which QEMU's monitor speaks QMP. */
  readonly monitor?: string | undefined
}

interface Option {
  readonly name: string
  readonly value: string
}

type Keys = ReadonlyMap<string, string>

type Socket = { readonly path: string } | { readonly reason: string }

/** The options whose value we need, and `append`, whose free text may look like any of them. */
const valuedOptions = ['name', 'uuid', 'smbios', 'chardev', 'device', 'qmp', 'qmp-pretty', 'mon', 'append']

/** Why a channel is out of reach whose socket QEMU was handed: libvirt does that. */
export const inheritedSocketReason: string =
  'QEMU inherited its socket, so its command line does not tell where it is (fd=...); for machines of libvirt there is ' +
  'the driver "libvirt"'

/** Whether a process is a QEMU system emulator, by the name it was called. */
export function isQemu(argv: readonly string[]): boolean {
  return /^(qemu-system-.+|qemu-kvm|kvm)$/.test(basename(argv[0] ?? ''))
}

/**
 * Reads a command line.
 * @param process its `argv`, and the `folder` in which it runs, for relative paths; `undefined` when that is hidden from us
 */
export function parseQemuCommandLine({
  argv,
  folder,
}: {
  argv: readonly string[]
  folder: string | undefined
}): QemuMachine {
  const options = readOptions(argv)
  const keysOf = (option: string, firstKey: string): readonly Keys[] =>
    options.filter(({ name }) => name === option).map(({ value }) => readKeys(value, firstKey))
  const chardevs = new Map(keysOf('chardev', 'backend').map((keys) => [keys.get('id') ?? '', keys]))
  // With -daemonize QEMU leaves for / after it has opened its sockets.
  const socketFolder = options.some(({ name }) => name === 'daemonize') ? undefined : folder
  const sockets: Partial<Record<ChannelName, string>> = {}
  const unreachable: Partial<Record<ChannelName, string>> = {}
  for (const device of keysOf('device', 'driver')) {
    const channel = channelNames.find((name) => name === device.get('name'))
    if (device.get('driver') !== 'virtserialport' || channel === undefined) continue
    const socket = socketOf(chardevs.get(device.get('chardev') ?? ''), socketFolder)
    if ('path' in socket) sockets[channel] = socket.path
    else unreachable[channel] = socket.reason
  }
  const monitors = options.map((option) => socketOf(monitorOf(option, chardevs), socketFolder))
  return {
    // Each further -name adds to those before it.
    name:
      keysOf('name', 'guest')
        .findLast((keys) => keys.has('guest'))
        ?.get('guest') || undefined,
    uuid: parseUuid(options.flatMap(uuidsOf).at(-1) ?? ''),
    sockets,
    unreachable,
    monitor: monitors.find((socket) => 'path' in socket)?.path,
  }
}

/** QEMU takes `-option value` and `--option value`; what is no option of ours is passed over, with or without a value. */
function readOptions(argv: readonly string[]): readonly Option[] {
  const options: Option[] = []
  for (let at = 1; at < argv.length; at += 1) {
    const name = /^--?(.+)$/.exec(argv[at] ?? '')?.[1]
    if (name === 'daemonize') options.push({ name, value: '' })
    if (name === undefined || !valuedOptions.includes(name)) continue
    at += 1
    options.push({ name, value: argv[at] ?? '' })
  }
  return options
}

/** Only -device takes JSON, but no other option's value begins with a brace. */
function readKeys(value: string, firstKey: string): Keys {
  return value.startsWith('{') ? readJson(value) : readPairs(value, firstKey)
}

/**
 * Reads `web1,debug-threads=on`: the first part may lack its key. Within a value `,,` stands for a comma; a later part
 * without a value is a switch, and `nowait` is `wait=off`.
 */
function readPairs(text: string, firstKey: string): Keys {
  const keys = new Map<string, string>()
  for (let rest = text; rest !== '';) {
    const [part = '', key, written = ''] = /^(?:([^=,]*)=)?((?:,,|[^,])*),?/.exec(rest) ?? []
    const value = written.replaceAll(',,', ',')
    if (key !== undefined) keys.set(key, value)
    else if (rest.length === text.length) keys.set(firstKey, value)
    else if (value.startsWith('no')) keys.set(value.slice('no'.length), 'off')
    else keys.set(value, 'on')
    rest = rest.slice(part.length)
  }
  return keys
}

function readJson(text: string): Keys {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed !== 'object' || parsed === null) return new Map()
    return new Map(Object.entries(parsed).map(([key, value]) => [key, String(value)]))
  } catch {
    return new Map() // QEMU would not have started with it either.
  }
}

/** The option that comes last counts. */
function uuidsOf({ name, value }: Option): readonly string[] {
  if (name === 'uuid') return [value]
  const keys = readKeys(value, '')
  const uuid = keys.get('uuid')
  return name === 'smbios' && keys.get('type') === '1' && uuid !== undefined ? [uuid] : []
}

/** Where an option puts a QMP monitor, as a chardev has it; `undefined` when it puts none. */
function monitorOf({ name, value }: Option, chardevs: ReadonlyMap<string, Keys>): Keys | undefined {
  if (name === 'mon') {
    const keys = readKeys(value, 'chardev')
    return keys.get('mode') === 'control' ? chardevs.get(keys.get('chardev') ?? '') : undefined
  }
  if (name !== 'qmp' && name !== 'qmp-pretty') return undefined
  const [, kind, place = ''] = /^(unix|chardev):(.*)$/s.exec(value) ?? []
  if (kind === 'chardev') return chardevs.get(place)
  return kind === 'unix' ? new Map([...readPairs(place, 'path'), ['backend', 'socket']]) : undefined
}

function socketOf(chardev: Keys | undefined, folder: string | undefined): Socket {
  if (chardev === undefined) return { reason: 'its chardev is not on the command line' }
  const backend = chardev.get('backend') ?? ''
  if (backend !== 'socket') return { reason: `its chardev is a "${backend}", not a socket` }
  if (chardev.has('fd')) return { reason: inheritedSocketReason }
  const path = chardev.get('path')
  if (path === undefined) return { reason: 'its socket is a network socket (path= is missing)' }
  if (isOn(chardev.get('abstract')))
    return { reason: 'its socket is abstract, open to every user (abstract=on)' }
  if (!isOn(chardev.get('server')))
    return { reason: 'QEMU does not listen on its socket (server=on is missing)' }
  if (path.startsWith('/')) return { path }
  if (folder === undefined)
    return { reason: `its socket's path "${path}" is relative to a folder that we cannot tell` }
  return { path: resolve(folder, path) }
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && ['on', 'yes', 'true', 'y'].includes(value)
}
