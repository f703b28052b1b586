/**
 * /etc/resolv.conf, where the backend leaves it to us: its name servers are replaced, its other lines stay.
 * Pure. A link is never touched: who made it keeps what it leads to.
 */
import type { WantedFile } from './backend.js'
import type { NetworkPlan } from './plan.js'

export const resolvConfPath = '/etc/resolv.conf'

/** What the C library reads; further ones are ignored. */
const serverCountMax = 3

/** Those of all interfaces, each once. */
export function nameServersOf({ interfaces }: NetworkPlan): readonly string[] {
  return [...new Set(interfaces.flatMap(({ dns }) => dns))]
}

/** @param request.text as it is now, `undefined` when there is none */
export function renderResolvConf({
  text = '',
  servers,
}: {
  readonly text: string | undefined
  readonly servers: readonly string[]
}): WantedFile {
  const others = text.split('\n').filter((line) => line !== '' && !/^\s*nameserver\b/.test(line))
  const lines = [...others, ...servers.slice(0, serverCountMax).map((server) => `nameserver ${server}`)]
  return { path: resolvConfPath, content: `${lines.join('\n')}\n`, mode: 0o644 }
}
