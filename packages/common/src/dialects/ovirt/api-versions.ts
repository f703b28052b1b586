/**
 * oVirt's API versions: which message there is since when, and what both sides have in common.
 * Floor 6. Pure. A side sends nothing that is newer than the common version, so either may be older than the other.
 */

/** The newest one that there is. */
export const apiVersionMax = 3

/** What a guest says, and since which version. */
const guestMessages = {
  'session-startup': 0,
  'session-shutdown': 0,
  'session-logon': 0,
  'session-logoff': 0,
  'session-lock': 0,
  'session-unlock': 0,
  'host-name': 0,
  fqdn: 0,
  'os-version': 0,
  'network-interfaces': 0,
  applications: 0,
  'active-user': 0,
  'disks-usage': 0,
  'memory-stats': 0,
  heartbeat: 0,
  echo: 0,
  uninstalled: 0,
  'number-of-cpus': 1,
  timezone: 2,
  'os-info': 2,
  containers: 3,
  completion: 3,
} as const

/** What a host says, and since which version. */
const hostMessages = {
  refresh: 0,
  'api-version': 0,
  'lock-screen': 0,
  'log-off': 0,
  login: 0,
  shutdown: 0,
  hibernate: 0,
  echo: 0,
  'set-number-of-cpus': 1,
  'lifecycle-event': 3,
} as const

/** The name of what a guest says. */
export type GuestMessageName = keyof typeof guestMessages

/** The name of what a host says. */
export type HostMessageName = keyof typeof hostMessages

const versions: ReadonlyMap<string, number> = new Map(Object.entries({ ...guestMessages, ...hostMessages }))

/** The version that both sides must have for a message. */
export function minimumVersionOf(name: GuestMessageName | HostMessageName): number {
  return versions.get(name) ?? apiVersionMax
}

/**
 * The version that both sides have.
 * @param offered what the other side says it has: a whole number, or the text of one, as Python takes both
 * @returns 0 to 3; `undefined` for what is no version
 */
export function commonVersion(offered: unknown): number | undefined {
  const isNumber =
    typeof offered === 'number' || (typeof offered === 'string' && /^-?\d{1,9}$/.test(offered.trim()))
  const version = isNumber ? Number(offered) : Number.NaN
  return Number.isInteger(version) ? Math.max(0, Math.min(version, apiVersionMax)) : undefined
}
