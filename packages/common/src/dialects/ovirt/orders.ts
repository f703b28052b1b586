/**
 * What a host may want of a guest in oVirt's protocol, and the call that it comes to.
 * Floor 6. Pure. A password that comes with `login` is looked at by nobody.
 */
import { ovirtCommandMs, ovirtLifecycleMs, ovirtNoticeLengthMax } from './ovirt-limits.js'
import { cleanText } from './clean-text.js'
import type { HostMessageName } from './api-versions.js'
import type { JsonValue } from '../python-json.js'
import type { MessageFields } from './message.js'

/** What is to be done. */
export type Order =
  /** Tell everything again. A host that names no version knows of none. */
  | { readonly kind: 'refresh'; readonly isVersioned: boolean }
  | { readonly kind: 'set-version'; readonly offered: unknown }
  | { readonly kind: 'echo'; readonly fields: MessageFields }
  | { readonly kind: 'tell-cpus' }
  | ActOrder
  /** `reason` is a sentence for the host and the log; it holds nothing that came with the message. */
  | { readonly kind: 'refuse'; readonly reason: string }

/** Run a command. */
export interface ActOrder {
  readonly kind: 'act'
  readonly command: string
  readonly args: readonly string[]
  readonly timeoutMs: number
}

/** When a guest's hooks are run. */
export const lifecycleEvents = [
  'before_migration',
  'after_migration',
  'before_hibernation',
  'after_hibernation',
] as const

/** One of these. */
export type LifecycleEvent = (typeof lifecycleEvents)[number]

const noticeUnlessGiven = 'System is going down'

/** A table and no switch over names of ours: a message is called what it likes, and names none of our methods. */
const readers: ReadonlyMap<string, (fields: MessageFields) => Order> = new Map(
  Object.entries({
    refresh: (fields) => ({ kind: 'refresh', isVersioned: 'apiVersion' in fields }),
    'api-version': ({ apiVersion }) => ({ kind: 'set-version', offered: apiVersion }),
    echo: (fields) => ({ kind: 'echo', fields }),
    'lock-screen': () => act('session', 'lock'),
    'log-off': () => act('session', 'log-off'),
    login: () => refuse('Cannot log in: this guest takes no passwords from its host; log in at its screen'),
    shutdown: shutdownFrom,
    hibernate: hibernateFrom,
    'set-number-of-cpus': cpusFrom,
    'lifecycle-event': lifecycleFrom,
  } satisfies Record<HostMessageName, (fields: MessageFields) => Order>),
)

/** Reads what a host wants. */
export function orderFrom({
  name,
  fields,
}: {
  readonly name: string
  readonly fields: MessageFields
}): Order {
  const reader = readers.get(name)
  return reader === undefined
    ? refuse('Cannot do what the host wants: this guest knows no such message')
    : reader(fields)
}

function shutdownFrom({ timeout, message, reboot }: MessageFields): Order {
  const seconds = Number.parseInt(textOf(timeout), 10)
  const delay = seconds > 0 ? seconds : 0
  const notice = typeof message === 'string' && message !== '' ? message : noticeUnlessGiven
  // oVirt's hosts write the text "True".
  const isReboot = textOf(reboot).toLowerCase() === 'true'
  return act(
    'power',
    isReboot ? 'reboot' : 'shutdown',
    '--delay',
    String(delay),
    '--message',
    cleanText(notice.slice(0, ovirtNoticeLengthMax)),
  )
}

function hibernateFrom({ state = 'disk' }: MessageFields): Order {
  if (state === 'disk') return act('power', 'hibernate')
  if (state === 'mem') return act('power', 'suspend')
  return refuse('Cannot hibernate: the state must be "disk" or "mem"')
}

/** How many there are is for the machine to decide; it is told what there is. */
function cpusFrom({ count }: MessageFields): Order {
  if (typeof count === 'number' && count > 0) return { kind: 'tell-cpus' }
  return refuse('Cannot tell the number of CPUs: the wanted count must be above 0')
}

function lifecycleFrom({ type, failure }: MessageFields): Order {
  const event = lifecycleEvents.find((known) => known === type)
  if (event === undefined)
    return refuse(`Cannot run hooks: the type must be one of ${lifecycleEvents.join(', ')}`)
  const args = failure === true ? [event, 'failure'] : [event]
  return { kind: 'act', command: 'ovirt-lifecycle', args, timeoutMs: ovirtLifecycleMs }
}

/** Hosts write numbers and truths as texts, too. */
function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : ''
}

function act(command: string, ...args: readonly string[]): Order {
  return { kind: 'act', command, args, timeoutMs: ovirtCommandMs }
}

function refuse(reason: string): Order {
  return { kind: 'refuse', reason }
}
