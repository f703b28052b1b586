/**
 * The settings of a configuration file: each with its meaning, what it may be, and the sides that have it.
 * Floor 7. Pure.
 */
import { isAbsolute } from 'node:path'
import { parseMetricsAddress, wantedMetricsAddress } from './metrics-address.js'
import type { MountSettings } from './mounts/mount-settings.js'
import { isTableList } from './mounts/read-mounts.js'
import type { Side } from './paths.js'

/** The effective configuration, keys as in the file. */
export interface Config {
  readonly 'log-level': 'error' | 'warn' | 'info' | 'debug'
  /** The control socket's path. */
  readonly 'control-socket': string
  /** Folders with the administrator's commands, in search order, before the shipped ones. */
  readonly 'command-folders': readonly string[]
  /** The folder for what the daemon keeps from one boot to the next. */
  readonly 'state-folder': string
  /** The folder with the policy's files. */
  readonly 'policy-folder': string
  /** The folder with the administrator's hooks, one in it for each phase. */
  readonly 'hooks-folder': string
  /** The folder with scripts of DevStack's shape, which are run as hooks. */
  readonly 'extras-folder': string
  /** The audit log; empty: none is kept. */
  readonly 'audit-file': string
  /** Where the metrics are offered: `unix:/PATH`, or a loopback address with a port; empty: nowhere. */
  readonly 'metrics-listen': string
  /** Host: where guests are found, e.g. `auto`, `libvirt`, `qemu:web-*` or `folder:/run/guests`. */
  readonly drivers: readonly string[]
  /** Guest: listen on `CHANNEL.sock` in this folder instead of opening virtio ports; empty for the ports. */
  readonly 'channel-folder': string
  /** Guest: the device of the port on which the host calls; empty: it is found by its name. */
  readonly 'host-to-guest-device': string
  /** Guest: the device of the port on which the host is called; empty: it is found by its name. */
  readonly 'guest-to-host-device': string
  /** Nothing heard for so many seconds: ask. */
  readonly 'heartbeat-interval-seconds': number
  /** Nothing heard for so many seconds: the session is dead. */
  readonly 'heartbeat-dead-seconds': number
  /** Other systems' protocols that are spoken here, each in a `[[dialects]]` table. */
  readonly dialects: readonly MountSettings[]
}

/** A setting's name. */
export type Key = keyof Config
type Check = (value: unknown) => boolean

const levels: readonly unknown[] = ['error', 'warn', 'info', 'debug']
const isText: Check = (value) => typeof value === 'string' && value !== ''
const isPath: Check = (value) => typeof value === 'string' && isAbsolute(value)
const isPathOrEmpty: Check = (value) => value === '' || isPath(value)
const isMetricsAddress: Check = (value) =>
  value === '' || (typeof value === 'string' && parseMetricsAddress(value) !== undefined)
const isTextList: Check = (value) => Array.isArray(value) && value.every(isText)
const isSeconds: Check = (value) => typeof value === 'number' && value >= 0.1 && value <= 3600

/** What is known of a setting. */
interface Setting {
  readonly check: Check
  /** What `check` takes, as the end of a sentence. */
  readonly wanted: string
  readonly sides: readonly Side[]
}

const bothSides: readonly Side[] = ['host', 'guest']

const wantedPath = 'a path in quotes that begins with "/"'
const wantedDevice = `${wantedPath}, e.g. "/dev/vport0p1"`

/** All settings; one that is not here is unknown. */
export const settings: Readonly<Record<Key, Setting>> = {
  'log-level': {
    check: (value) => levels.includes(value),
    wanted: '"error", "warn", "info" or "debug"',
    sides: bothSides,
  },
  'control-socket': { check: isPath, wanted: wantedPath, sides: bothSides },
  'command-folders': {
    check: isTextList,
    wanted: 'a list of paths, e.g. ["/usr/lib/negotiator/commands"]',
    sides: bothSides,
  },
  'state-folder': { check: isPath, wanted: wantedPath, sides: bothSides },
  'policy-folder': { check: isPath, wanted: wantedPath, sides: bothSides },
  'hooks-folder': { check: isPath, wanted: wantedPath, sides: bothSides },
  'extras-folder': { check: isPath, wanted: wantedPath, sides: bothSides },
  'audit-file': {
    check: isPathOrEmpty,
    wanted: `${wantedPath}, or "" for no audit log`,
    sides: bothSides,
  },
  'metrics-listen': { check: isMetricsAddress, wanted: wantedMetricsAddress, sides: bothSides },
  drivers: { check: isTextList, wanted: 'a list such as ["auto", "folder:/run/guests"]', sides: ['host'] },
  'channel-folder': {
    check: (value) => typeof value === 'string',
    wanted: 'a path in quotes',
    sides: ['guest'],
  },
  'host-to-guest-device': { check: isPathOrEmpty, wanted: wantedDevice, sides: ['guest'] },
  'guest-to-host-device': { check: isPathOrEmpty, wanted: wantedDevice, sides: ['guest'] },
  'heartbeat-interval-seconds': {
    check: isSeconds,
    wanted: 'a number of seconds from 0.1 to 3600',
    sides: bothSides,
  },
  'heartbeat-dead-seconds': {
    check: isSeconds,
    wanted: 'a number of seconds from 0.1 to 3600',
    sides: bothSides,
  },
  dialects: { check: isTableList, wanted: 'a [[dialects]] table for each', sides: bothSides },
}
