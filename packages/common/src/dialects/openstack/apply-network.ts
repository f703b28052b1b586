/**
 * `resetnetwork`: the records of XenStore, or those of the request, to `apply-network`, whose change is then confirmed.
 * Floor 6.
 */
import { PeerError } from '../../errors.js'
import { appliedNetworkSchema } from '../../system/apply-network.js'
import { openStackCallMs, openStackNetworkMs } from '../xen-limits.js'
import type { Switchboard } from '../dialect.js'
import { answerOfEnd } from './answer.js'
import type { OpenStackAnswer } from './answer.js'
import { readVmData } from './vm-data.js'

const command = 'apply-network'

/**
 * What `apply-network` reads. A host without XenStore may send it with its request.
 * @throws {PeerError} `no-records`
 */
export async function networkInput({
  value,
  switchboard: { nodes },
}: {
  readonly value: unknown
  readonly switchboard: Switchboard
}): Promise<Buffer> {
  if (typeof value === 'object' && value !== null) return Buffer.from(JSON.stringify(value))
  if (nodes === undefined)
    throw noRecords('this exchange has none; send them as the value, or call apply-network')
  const records = await readVmData(nodes)
  if (records.networks.length > 0) return Buffer.from(JSON.stringify(records))
  throw noRecords('vm-data/networking is empty; the host has to write them before it calls resetnetwork')
}

/** The host reaches us without the network, so its answer is all the confirmation that there will be. */
export async function applyNetwork(switchboard: Switchboard, input: Buffer): Promise<OpenStackAnswer> {
  const end = await switchboard.run({ command, args: ['--json'], input, timeoutMs: openStackNetworkMs })
  const answer = answerOfEnd(command, end)
  if (answer.returncode !== '0' || !isPending(end.stdout)) return answer
  const wanted = { command, args: ['confirm'], timeoutMs: openStackCallMs }
  return answerOfEnd(command, await switchboard.run(wanted))
}

/** Nothing is, where all was as the records have it, or where the administrator's own command took ours' place. */
function isPending(stdout: Buffer): boolean {
  try {
    return appliedNetworkSchema.parse(JSON.parse(stdout.toString())).state === 'pending'
  } catch {
    return false
  }
}

function noRecords(reason: string): PeerError {
  return new PeerError(`Cannot find the network's records: ${reason}`, { code: 'no-records' })
}
