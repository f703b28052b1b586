/**
 * What a cloud says of a guest's network: the records that OpenStack keeps in `vm-data/networking`, one for each interface.
 * Floor 1. Both spellings that are out there are taken, and what comes out has one; it knows nothing of this machine.
 */
import { isIP, isIPv4, isIPv6 } from 'node:net'
import * as z from 'zod/mini'
import { UsageError } from '../errors.js'
import { canonicalIpv6, hasHostBits, prefixLengthOf } from './netmask.js'

/** An address that an interface shall have, or not: hosts keep those that were taken away. */
export interface RecordAddress {
  readonly address: string
  readonly prefixLength: number
  readonly gateway?: string | undefined
  readonly isEnabled: boolean
}

/** A network behind a gateway of its own, of one kind with it. */
export interface RecordRoute {
  readonly destination: string
  readonly prefixLength: number
  readonly gateway: string
}

/** One interface, in one spelling. */
export interface NetworkRecord {
  readonly label?: string | undefined
  /** Lower case, with colons. */
  readonly mac: string
  readonly gateway?: string | undefined
  readonly gateway6?: string | undefined
  readonly ips: readonly RecordAddress[]
  readonly ip6s: readonly RecordAddress[]
  readonly routes: readonly RecordRoute[]
  readonly dns: readonly string[]
}

/** What `apply-network` reads; one record at least. */
export interface NetworkRequest {
  readonly hostName?: string | undefined
  readonly networks: readonly NetworkRecord[]
}

const shown = (value: unknown): string => JSON.stringify(value) ?? 'nothing'

/** A text that passes a test, or a sentence that shows what came. */
const textThat = (isGood: (text: string) => boolean, wanted: string): z.ZodMiniType<string> =>
  z.custom<string>((value) => typeof value === 'string' && isGood(value), { error: says(wanted) })

const says =
  (wanted: string) =>
  ({ input }: { readonly input?: unknown }) =>
    `wanted ${wanted}, got ${shown(input)}`

const mapped = <A, B>(schema: z.ZodMiniType<A>, map: (value: A) => B): z.ZodMiniType<B> =>
  z.pipe(schema, z.transform(map))

/** Hosts write what they do not have as null or as an empty text, too. */
const orNothing = <A>(schema: z.ZodMiniType<A>): z.ZodMiniType<A | undefined> =>
  z.pipe(
    z.transform((value: unknown): unknown => (value === null || value === '' ? undefined : value)),
    z.optional(schema),
  )

const listOf = <A>(schema: z.ZodMiniType<A>): z.ZodMiniType<A[]> =>
  z.pipe(
    z.transform((value: unknown): unknown => value ?? []),
    z.array(schema, { error: says('a list') }),
  )

const address4 = textThat(isIPv4, 'an IPv4 address')
// A zone (`fe80::1%eth0`) names an interface of the host's, not of ours.
const address6 = mapped(
  textThat((text) => isIPv6(text) && !text.includes('%'), 'an IPv6 address'),
  canonicalIpv6,
)
const anyAddress = mapped(
  textThat((text) => isIP(text) !== 0 && !text.includes('%'), 'an IP address'),
  (text) => (isIPv4(text) ? text : canonicalIpv6(text)),
)

const mac = mapped(
  textThat(
    (text) => /^(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}$|^[0-9a-f]{12}$/i.test(text),
    'a MAC address such as "bc:76:4e:08:db:a9"',
  ),
  (text) =>
    text
      .toLowerCase()
      .replace(/[:-]/g, '')
      .replace(/..(?=.)/g, '$&:'),
)

/** Missing is enabled. */
const isEnabled: z.ZodMiniType<boolean> = z.pipe(
  z.transform((value: unknown): unknown => (typeof value === 'string' ? value : JSON.stringify(value ?? 1))),
  mapped(
    textThat((text) => /^(?:\d+|true|false)$/.test(text), '"0" or "1"'),
    (text) => text !== 'false' && Number(text) !== 0,
  ),
)

const length = (bits: 32 | 128): z.ZodMiniType<number> =>
  mapped(
    z.custom<unknown>((value) => prefixLengthOf(value, bits) !== undefined, {
      error: says(bits === 32 ? 'a netmask such as "255.255.255.0"' : 'a prefix length from 0 to 128'),
    }),
    (value) => prefixLengthOf(value, bits) ?? 0,
  )

const ip4 = mapped(
  z.object(
    { ip: address4, netmask: length(32), gateway: orNothing(address4), enabled: isEnabled },
    { error: says('an object') },
  ),
  ({ ip, netmask, gateway, enabled }): RecordAddress => ({
    address: ip,
    prefixLength: netmask,
    gateway,
    isEnabled: enabled,
  }),
)

const ip6 = z.pipe(
  z.object(
    {
      ip: orNothing(address6),
      address: orNothing(address6),
      netmask: length(128),
      gateway: orNothing(address6),
      enabled: isEnabled,
    },
    { error: says('an object') },
  ),
  z.transform(({ ip, address, netmask, gateway, enabled }, { issues }): RecordAddress => {
    const own = ip ?? address
    if (own === undefined)
      issues.push({ code: 'custom', message: 'wanted "ip" or "address", got neither', input: own })
    return { address: own ?? '::', prefixLength: netmask, gateway, isEnabled: enabled }
  }),
)

const route = z.pipe(
  z.object(
    { route: anyAddress, netmask: z.optional(z.unknown()), gateway: anyAddress },
    { error: says('an object') },
  ),
  z.transform(({ route: destination, netmask, gateway }, { issues }): RecordRoute => {
    const bits = isIPv4(destination) ? 32 : 128
    const prefixLength = prefixLengthOf(netmask, bits)
    const complain = (key: string, message: string): void => {
      issues.push({ code: 'custom', message, path: [key], input: netmask })
    }
    if (prefixLength === undefined) complain('netmask', `wanted a netmask, got ${shown(netmask)}`)
    else if (hasHostBits({ destination, prefixLength, bits }))
      complain('route', `wanted a network, and ${destination} has bits beyond its netmask's ${prefixLength}`)
    if (isIP(gateway) !== isIP(destination))
      complain('gateway', `wanted an address of the kind of ${destination}, got ${shown(gateway)}`)
    return { destination, prefixLength: prefixLength ?? 0, gateway }
  }),
)

const record: z.ZodMiniType<NetworkRecord> = mapped(
  z.object(
    {
      label: orNothing(z.string({ error: says('a text') })),
      mac,
      gateway: orNothing(address4),
      gateway_v6: orNothing(address6),
      gateway6: orNothing(address6),
      ips: listOf(ip4),
      ip6s: listOf(ip6),
      routes: listOf(route),
      dns: listOf(anyAddress),
    },
    { error: says('an object') },
  ),
  ({ gateway_v6, gateway6, ...rest }) => ({ ...rest, gateway6: gateway_v6 ?? gateway6 }),
)

// As hostname(7) has it.
const hostName = textThat(
  (text) =>
    text.length <= 64 &&
    /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/i.test(text),
  'a host name of letters, digits, "-" and "."',
)

/** A list of records, or `{ "hostName": NAME, "networks": [RECORD...] }`. */
export const networkRequestSchema: z.ZodMiniType<NetworkRequest> = z.pipe(
  z.transform((value: unknown): unknown => (Array.isArray(value) ? { networks: value } : value)),
  z.object(
    {
      hostName: orNothing(hostName),
      networks: z
        .array(record, { error: says('a list of records') })
        .check(z.minLength(1, { error: 'wanted one record at least, got none' })),
    },
    { error: says('a list of records') },
  ),
)

/**
 * Reads records.
 *
 * @param text JSON: a list of records, or `{ "hostName": NAME, "networks": [RECORD...] }`
 * @throws UsageError with all that is wrong, each with its place
 */
export function readNetworkRequest(text: string): NetworkRequest {
  const result = networkRequestSchema.safeParse(parse(text))
  if (result.success) return result.data
  const faults = result.error.issues.map(({ path, message }) => `${placeOf(path)}${message}`)
  throw new UsageError(`Cannot read the network's records: ${faults.join('; ')}`, { code: 'bad-record' })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own sentence would quote what may be long.
    throw new UsageError("Cannot read the network's records: what came is no JSON", { code: 'bad-record' })
  }
}

function placeOf(path: readonly PropertyKey[]): string {
  const place = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')
  return place === '' ? '' : `${place.replace(/^\./, '')}: `
}
