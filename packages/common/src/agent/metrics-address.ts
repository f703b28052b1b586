/**
 * Where the metrics are offered: a UNIX socket, or a loopback address with a port, and nothing else.
 * Floor 7. Pure. They tell which guests there are and what is called, so they are never offered to a network; a name such as
 * `localhost` is not taken, for a resolver could make anything of it.
 */
import { isAbsolute } from 'node:path'

/** An address to listen on. */
export type MetricsAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }

/** What is taken, as the end of a sentence. */
export const wantedMetricsAddress: string =
  '"unix:" and a path that begins with "/", or a loopback address and a port, e.g. "127.0.0.1:9464" or "[::1]:9464": ' +
  'metrics are for this machine alone; or "" for none'

const loopback = /^(?<host>127(?:\.(?:0|[1-9]\d{0,2})){3}|\[::1\]):(?<port>[1-9]\d{0,4})$/

/** @returns `undefined` for what is none */
export function parseMetricsAddress(text: string): MetricsAddress | undefined {
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length)
    return isAbsolute(path) ? { kind: 'unix', path } : undefined
  }
  const { host = '', port } = loopback.exec(text)?.groups ?? {}
  const isAddress = host.split('.').every((part) => host.startsWith('[') || Number(part) <= 255)
  if (host === '' || !isAddress || Number(port) > 65_535) return undefined
  return { kind: 'tcp', host: host.replaceAll(/[[\]]/g, ''), port: Number(port) }
}
