/**
 * The package that `agentupdate` names: where it is, and what came from there.
 * Floor 6. Its MD5 tells a broken download and nothing more: who made it `self-update` finds out by its signature.
 */
import { createHash } from 'node:crypto'
import { PeerError, sentenceOf } from '../../errors.js'
import { openStackPackageBytesMax, openStackUpdateMs } from '../xen-limits.js'

/** What a host says of a package. */
export interface AgentPackage {
  readonly url: string
  /** In hexadecimal; absent when the host does not say. */
  readonly md5?: string | undefined
}

/** Brings what lies at an address. */
export type Download = (url: string) => Promise<Buffer>

/** @param value `"URL,MD5"` or `{"url", "md5sum"}`. @returns the package, or what is wrong */
export function packageFrom(value: unknown): AgentPackage | string {
  const { url, md5sum } = fieldsOf(value)
  if (typeof url !== 'string' || !/^https?:\/\//i.test(url) || !URL.canParse(url))
    return 'Cannot update the agent: wanted an address that begins with https:// or http://'
  if (md5sum !== undefined && (typeof md5sum !== 'string' || !/^[0-9a-f]{32}$/i.test(md5sum)))
    return 'Cannot update the agent: its MD5 is not 32 hexadecimal digits'
  return { url, md5: md5sum?.toLowerCase() }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null) return { ...value }
  if (typeof value !== 'string') return {}
  const comma = value.lastIndexOf(',')
  return comma < 0 ? { url: value } : { url: value.slice(0, comma), md5sum: value.slice(comma + 1) }
}

/**
 * Brings a package.
 * @throws {PeerError} `download-failed`
 */
export async function fetchPackage({ url, md5 }: AgentPackage, download: Download): Promise<Buffer> {
  const bytes = await download(url)
  if (md5 !== undefined && createHash('md5').update(bytes).digest('hex') !== md5)
    throw failed('what came has another MD5 than the host says')
  return bytes
}

/**
 * Brings what lies at an address, over HTTP.
 * @throws {PeerError} `download-failed`
 */
export async function downloadOverHttp(url: string): Promise<Buffer> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(openStackUpdateMs) })
    if (!response.ok || response.body === null) throw failed(`the server answered ${response.status}`)
    return await collected(response.body)
  } catch (error) {
    throw error instanceof PeerError ? error : failed(sentenceOf(error), error)
  }
}

async function collected(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let byteCount = 0
  for await (const chunk of body) {
    byteCount += chunk.length
    if (byteCount > openStackPackageBytesMax)
      throw failed(`it has more than ${openStackPackageBytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function failed(reason: string, cause?: unknown): PeerError {
  return new PeerError(`Cannot bring the agent's new package: ${reason}`, { code: 'download-failed', cause })
}
