/**
 * What a host has written below `vm-data` for its guest's network, as `apply-network` takes it.
 * Floor 6. The records go on as they are: what is wrong in them that command says, with the place.
 */
import { PeerError } from '../../errors.js'
import type { Nodes } from '../xenstore/store.js'

/** What `apply-network` reads. */
export interface NetworkRecords {
  readonly hostName?: string | undefined
  /** The records of the interfaces, each as its host wrote it. */
  readonly networks: readonly unknown[]
}

/** Reads records, wherever they are. */
export type ReadNetworkRecords = () => Promise<NetworkRecords>

/**
 * Reads the records of a domain.
 * @param place the domain's own path; empty for a guest's own connection
 * @throws {PeerError} `bad-vm-data` when a record is no JSON; what the store throws
 */
export async function readVmData(
  store: Nodes,
  { domainPath = '' }: { domainPath?: string },
): Promise<NetworkRecords> {
  const below = domainPath === '' ? 'vm-data' : `${domainPath}/vm-data`
  const hostName = (await store.read(`${below}/hostname`))?.toString()
  const networks: unknown[] = []
  for (const name of (await store.list(`${below}/networking`)) ?? []) {
    const value = await store.read(`${below}/networking/${name}`)
    if (value !== undefined) networks.push(recordIn(name, value))
  }
  return { ...(hostName !== undefined && hostName !== '' && { hostName }), networks }
}

function recordIn(name: string, value: Buffer): unknown {
  try {
    return JSON.parse(value.toString())
  } catch (cause) {
    throw new PeerError(
      `Cannot read the record vm-data/networking/${name}: it is no JSON; its host has to write it anew`,
      {
        code: 'bad-vm-data',
        cause,
      },
    )
  }
}
