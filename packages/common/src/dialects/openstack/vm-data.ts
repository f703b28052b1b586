/**
 * What a host has written below `vm-data` for its guest's network, as `apply-network` takes it.
 * Floor 6. The records go on as they are: what is wrong in them that command says, with the place.
 */
import { PeerError } from '../../errors.js'
import type { ReadableNodes } from '../exchange.js'

/** What `apply-network` reads. */
export interface NetworkRecords {
  readonly hostName?: string | undefined
  /** The records of the interfaces, each as its host wrote it. */
  readonly networks: readonly unknown[]
}

/**
 * Reads the records.
 * @throws {PeerError} `bad-vm-data` when a record is no JSON; what the nodes throw
 */
export async function readVmData({ read, list }: ReadableNodes): Promise<NetworkRecords> {
  const hostName = (await read('vm-data/hostname'))?.toString()
  const networks: unknown[] = []
  for (const name of (await list('vm-data/networking')) ?? []) {
    const value = await read(`vm-data/networking/${name}`)
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
