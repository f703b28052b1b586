/**
 * Both daemons as users get them, as processes of this machine, joined by UNIX sockets instead of virtio ports.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectToGuest } from '@negotiator/guest'
import type { Client } from '@negotiator/host'
import { startStandIn } from '../demo/guest-stand-in.js'
import { HostProgram } from '../machine/host-program.js'
import { deniedName, sleepyName } from './call-kinds.js'
import type { Watched } from './footprint.js'

/** The guest's name on the host. */
export const guestName = 'web1'

const readyTimeoutMs = 30_000
const sleepy = '#!/bin/sh\nexec sleep 60\n'

/** The two ends. */
export interface End {
  readonly side: 'host' | 'guest'
  readonly daemon: Watched
  /** Whom its programs call. */
  readonly target: string
  connect(): Promise<Client>
}

/** Starts both, does the work, and takes everything down. @param work what to do with the host's end and the guest's */
export async function withPair<Value>(work: (ends: readonly [End, End]) => Promise<Value>): Promise<Value> {
  const closers: (() => Promise<void>)[] = []
  try {
    return await work(await startPair((close) => void closers.push(close)))
  } finally {
    for (const close of closers.reverse()) await close()
  }
}

async function startPair(onClose: (close: () => Promise<void>) => void): Promise<[End, End]> {
  const root = await mkdtemp(join(tmpdir(), 'ng-endurance-'))
  onClose(async () => await rm(root, { recursive: true, force: true }))
  const channels = join(root, 'channels', guestName)
  await mkdir(channels, { recursive: true })
  const metrics = { host: join(root, 'host-metrics.sock'), guest: join(root, 'guest-metrics.sock') }
  const guestRoot = join(root, 'guest')
  const guest = await startStandIn({ root: guestRoot, channels, config: [metricsLine(metrics.guest)] })
  onClose(async () => await guest.close())
  await guest.addCommand(sleepyName, sleepy)
  const host = await HostProgram.start({
    root,
    config: [`drivers = ["folder:${join(root, 'channels')}"]`, metricsLine(metrics.host)],
  })
  onClose(async () => await host.stop())
  await host.addCommand(sleepyName, sleepy)
  for (const policy of [join('etc', policyFile), join('guest/etc', policyFile)])
    await host.addFile(policy, `${deniedName} * * * deny\n`)
  await untilReady(host)
  return [
    {
      side: 'host',
      daemon: { processId: host.daemonId, metrics: metrics.host },
      target: guestName,
      connect: async () => await host.connect(),
    },
    {
      side: 'guest',
      daemon: { processId: guest.daemonId, metrics: metrics.guest },
      target: 'host',
      connect: async () => await connectToGuest({ root: guestRoot }),
    },
  ]
}

const policyFile = 'negotiator/policy.d/30-endurance.policy'

function metricsLine(socket: string): string {
  return `metrics-listen = "unix:${socket}"`
}

async function untilReady(host: HostProgram): Promise<void> {
  const client = await host.connect()
  try {
    await client.wait(guestName, { timeoutMs: readyTimeoutMs })
  } finally {
    client.close()
  }
}
