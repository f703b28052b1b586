/**
 * oVirt's dialect as it is mounted: on a guest its agent's half, on a host VDSM's.
 * Floor 6.
 */
import * as z from 'zod/mini'
import type { Clock } from '../../clock.js'
import { UsageError } from '../../errors.js'
import type { Log } from '../../log.js'
import type { Dialect } from '../dialect.js'
import { askedAgent } from './asked-agent.js'
import type { FactFilters } from './facts.js'
import { OvirtGuest } from './ovirt-guest.js'
import { OvirtLink } from './ovirt-link.js'
import type { Periods } from './periods.js'

interface OvirtDialectOptions {
  /** `options` of its table in the configuration. */
  readonly options: Readonly<Record<string, unknown>>
  readonly side: 'host' | 'guest'
  /** On a host: whose port it is. */
  readonly guest?: string | undefined
  readonly clock: Clock
  readonly log: Log
}

/** Keeps one side's half for one mount. @returns what opens it for an exchange, again and again */
export function keepOvirtDialect(): (options: OvirtDialectOptions) => Dialect {
  let open: (() => Dialect) | undefined
  return (options) => {
    open ??= options.side === 'host' ? hostHalf(options) : guestHalf(options)
    return open()
  }
}

function hostHalf({ options, guest = 'a guest', clock, log }: OvirtDialectOptions): () => Dialect {
  const link = new OvirtLink({ guest, clock, log, ...noneFrom(options) })
  const agent = askedAgent(link)
  return () => ({ ...link.open(), agent })
}

function guestHalf({ options, clock, log }: OvirtDialectOptions): () => Dialect {
  const guest = new OvirtGuest({ clock, log, ...choicesFrom(options) })
  return () => guest.open()
}

interface Choices {
  readonly periods: Partial<Periods>
  readonly filters: Partial<FactFilters>
}

const dayS = 86_400

const seconds = z.optional(z.number().check(z.gte(1), z.lte(dayS)))

const names = z.optional(z.array(z.string()))

/** In the words of a configuration; whatever is not there is as oVirt's own agent has it. */
const choices = z.strictObject({
  'heartbeat-seconds': seconds,
  'user-seconds': seconds,
  'cpus-seconds': seconds,
  'inventory-seconds': seconds,
  'disks-seconds': seconds,
  'changes-seconds': seconds,
  applications: names,
  'ignored-interfaces': names,
  'ignored-file-systems': names,
})

/** @throws {UsageError} `bad-config` */
function choicesFrom(options: Readonly<Record<string, unknown>>): Choices {
  const read = choices.safeParse(options)
  if (!read.success) throw badOptions(read.error.issues[0])
  const { applications, ...rest } = read.data
  return {
    periods: given({
      heartbeatMs: inMs(rest['heartbeat-seconds']),
      userMs: inMs(rest['user-seconds']),
      cpusMs: inMs(rest['cpus-seconds']),
      inventoryMs: inMs(rest['inventory-seconds']),
      disksMs: inMs(rest['disks-seconds']),
      changesMs: inMs(rest['changes-seconds']),
    }),
    filters: given({
      applications,
      ignoredInterfaces: rest['ignored-interfaces'],
      ignoredFileSystems: rest['ignored-file-systems'],
    }),
  }
}

/** On a host there is nothing to choose. */
function noneFrom(options: Readonly<Record<string, unknown>>): object {
  const read = z.strictObject({}).safeParse(options)
  if (!read.success) throw badOptions(read.error.issues[0])
  return {}
}

function badOptions(issue: z.core.$ZodIssue | undefined): UsageError {
  const key = issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path.join('.')
  const complaint =
    issue?.code === 'unrecognized_keys'
      ? `there is none; wanted ${Object.keys(choices.shape).join(', ')}, all of them on a guest`
      : 'wanted seconds from 1 to 86400, or a list of names'
  return new UsageError(`Cannot mount the dialect "ovirt": option "${key}": ${complaint}`, {
    code: 'bad-config',
  })
}

function inMs(value: number | undefined): number | undefined {
  return value === undefined ? undefined : value * 1000
}

/** Only what is there, so that the usual values stay for the rest. */
function given<Value extends object>(
  values: Value,
): { [Key in keyof Value]?: Exclude<Value[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Value]?: Exclude<Value[Key], undefined>
  }
}
