/**
 * What `network-interfaces` answers.
 * Floor 1. The command prints it with `--json`; the schema checks what a guest answered.
 */
import * as z from 'zod/mini'
import { countOrNull } from './values.js'

/** One interface, with an address or without. */
export interface NetworkInterface {
  readonly name: string
  /** Lower case, such as `52:54:00:12:34:56`; what has no link layer has none. */
  readonly mac: string | null
  readonly isUp: boolean
  readonly isLoopback: boolean
  readonly mtuBytes: number | null
  /** Such as `192.0.2.7/24`. */
  readonly ipv4: readonly string[]
  /** Such as `fe80::5054:ff:fe12:3456/64`. */
  readonly ipv6: readonly string[]
}

export interface NetworkInterfaces {
  readonly interfaces: readonly NetworkInterface[]
}

export const networkInterfacesSchema: z.ZodMiniType<NetworkInterfaces> = z.strictObject({
  interfaces: z.array(
    z.strictObject({
      name: z.string().check(z.minLength(1)),
      mac: z.nullable(z.string().check(z.regex(/^[0-9a-f]{2}(?::[0-9a-f]{2})*$/))),
      isUp: z.boolean(),
      isLoopback: z.boolean(),
      mtuBytes: countOrNull,
      ipv4: z.array(z.cidrv4()),
      ipv6: z.array(z.cidrv6()),
    }),
  ),
})
