/**
 * What is soaked: a host with its daemon, a guest in a machine of its own, and the record of what they do.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from '@negotiator/host'
import { HostProgram } from '../machine/host-program.js'
import { ensurePrerequisites } from '../machine/prerequisites.js'
import { GuestRecord } from './guest-record.js'
import { Ledger } from './ledger.js'
import { buildSoakImage, hostNote } from './soak-image.js'
import { guestName, SoakMachine } from './soak-machine.js'

/** Found dead soon, so that a short soak sees it, too. */
const hostConfig = ['heartbeat-interval-seconds = 2', 'heartbeat-dead-seconds = 8']
const readyTimeoutMs = 120_000

/** Host, guest and record. */
export interface SoakStage {
  readonly host: HostProgram
  readonly machine: SoakMachine
  readonly ledger: Ledger
  readonly record: GuestRecord
  /** Where the host's command notes its executions. */
  readonly hostNotes: string
}

/** Sets the stage, does the work, and takes everything down. */
export async function onSoakStage<Value>(
  say: (line: string) => void,
  work: (stage: SoakStage) => Promise<Value>,
): Promise<Value> {
  const closers: (() => Promise<void> | void)[] = []
  try {
    return await work(await setStage({ say, onClose: (close) => void closers.push(close) }))
  } finally {
    for (const close of closers.reverse()) await close()
  }
}

interface StageOptions {
  readonly say: (line: string) => void
  readonly onClose: (close: () => Promise<void> | void) => void
}

async function setStage({ say, onClose }: StageOptions): Promise<SoakStage> {
  const root = await mkdtemp(join(tmpdir(), 'ng-soak-'))
  onClose(async () => await rm(root, { recursive: true, force: true }))
  const image = await buildSoakImage(await ensurePrerequisites({ install: true, log: say }), root)
  const ledger = new Ledger()
  const record = await GuestRecord.listen(join(root, 'record.sock'), ledger)
  onClose(() => record.close())
  const machine = new SoakMachine({ image, root, record, ledger })
  onClose(async () => await machine.close())
  await machine.boot()
  const startedMs = Date.now()
  const host = await HostProgram.start({
    root,
    config: [`drivers = ["folder:${machine.channels}"]`, ...hostConfig],
  })
  onClose(async () => await host.stop())
  const stage = { host, machine, ledger, record, hostNotes: join(root, 'executed') }
  tellHostDaemon(stage, startedMs)
  const { name, text } = hostNote(stage.hostNotes)
  await host.addCommand(name, text)
  await untilReady(host)
  return stage
}

/** Notes that the host's daemon that runs now was started at a time. */
export function tellHostDaemon({ host, ledger }: SoakStage, startedMs: number): void {
  ledger.daemonStarts.set(`host.${host.daemonId}`, startedMs)
}

/** Waits until the host can call the guest. */
export async function untilReady(host: HostProgram): Promise<void> {
  const client: Client = await host.connect()
  try {
    await client.wait(guestName, { timeoutMs: readyTimeoutMs })
  } finally {
    client.close()
  }
}

/** Takes what the host's commands have noted into the ledger; once, in the end. */
export async function readHostNotes({ ledger, hostNotes }: SoakStage): Promise<void> {
  const text = await readFile(hostNotes, 'utf8').catch(() => '')
  for (const line of text.split('\n').slice(0, -1)) {
    const [id = '', atText, daemon = ''] = line.split(' ')
    const atMs = Number(atText)
    ledger.executions.push({ id, atMs, timeline: ledger.timelineAt(atMs), daemon })
  }
}
