/**
 * Who this process says it is.
 * Floor 7.
 */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import type { LocalHello } from '../session/handshake.js'
import { version } from '../version.js'
import { protocolVersions, relayedCallers } from '../wire/hello.js'

/** What a process says of itself in its handshakes. */
export async function localHello(side: LocalHello['side']): Promise<LocalHello> {
  return {
    side,
    versions: protocolVersions,
    bootId: (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim(),
    instance: randomUUID(),
    features: [relayedCallers],
    agent: version,
    name: hostname(),
  }
}
