/**
 * What a daemon takes of its machine while nobody calls: its memory as the kernel counts it, its heap as its metrics tell it, and
 * what it holds open.
 */
import { once } from 'node:events'
import { readFile, readdir } from 'node:fs/promises'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { holdingsOf } from '../hostile/daemon-watch.js'
import type { Holdings } from '../hostile/daemon-watch.js'

/** Of one daemon. */
export interface Footprint extends Holdings {
  /** All that is in memory, the program's file included. */
  readonly residentMib: number
  /** Without what is only read from files. */
  readonly anonymousMib: number
  readonly heapMib: number
  readonly threads: number
}

/** A daemon to look at. */
export interface Watched {
  readonly processId: number
  /** The UNIX socket on which it offers its metrics. */
  readonly metrics: string
}

/** Looks at it. */
export async function footprintOf({ processId, metrics }: Watched): Promise<Footprint> {
  // First, for asking for the metrics is a descriptor of its own for a moment.
  const holdings = await holdingsOf(processId)
  const status = await readFile(`/proc/${processId}/status`, 'utf8')
  const mib = (field: string): number =>
    Number(new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(status)?.[1]) / 1024
  const threads = await readdir(`/proc/${processId}/task`)
  const heapBytes = metricIn(await exposition(metrics), 'nodejs_heap_size_used_bytes')
  return {
    ...holdings,
    residentMib: mib('VmRSS'),
    anonymousMib: mib('RssAnon'),
    heapMib: heapBytes / 1024 / 1024,
    threads: threads.length,
  }
}

async function exposition(socketPath: string): Promise<string> {
  // Not kept open, for it would be a descriptor of the daemon that is looked at.
  const asking = request({ socketPath, path: '/metrics', agent: false }).end()
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  return await text(answer)
}

function metricIn(exposed: string, name: string): number {
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(exposed)?.[1])
}
