/**
 * The folder of the last change: what was there before, the scripts, and a marker that tells how far it is.
 * One change at a time; a marker is moved, never written anew, so that two who decide at once cannot both win.
 */
import { chmod, chown, copyFile, mkdir, open, rename, rm, stat, utimes } from 'node:fs/promises'
import { dirname } from 'node:path'
import * as z from 'zod/mini'
import { missing } from '../failure.js'
import { listFolder, readText, readWord } from '../files.js'
import type { Machine } from '../machine.js'
import type { ToolCall } from './backend.js'
import type { NetworkChange } from './change.js'
import { cidr } from './backend.js'
import { syncFolder, writeWhole } from './write-whole.js'
import { markers, rollBackScript, watchScript } from './scripts.js'
import { changeFolder } from './scripts.js'
import type { Marker } from './scripts.js'
import { startPaths } from './watchdog.js'
import { findTool } from './tool-search.js'

const preparedFolder = `${changeFolder}.next`

/** What is known of a change. */
export interface ChangeRecord {
  readonly madeAt: string
  readonly caller: string
  readonly backend: string
  readonly interfaces: readonly {
    readonly name: string
    readonly mac: string
    readonly addresses: readonly string[]
  }[]
  readonly files: readonly string[]
  /** The start of the machine that it was made in. */
  readonly bootId: string
}

const recordSchema: z.ZodMiniType<ChangeRecord> = z.object({
  madeAt: z.string(),
  caller: z.string(),
  backend: z.string(),
  interfaces: z.array(z.object({ name: z.string(), mac: z.string(), addresses: z.array(z.string()) })),
  files: z.array(z.string()),
  bootId: z.string(),
})

/** A change and how far it is. */
export interface LastChange {
  readonly marker: Marker
  readonly record: ChangeRecord
  /** Until it is rolled back; `undefined` unless it is pending. */
  readonly secondsLeft: number | undefined
  /** Nobody watches it any more: the machine was started anew since. */
  readonly isStale: boolean
}

/** @returns `undefined` where there was none */
export async function readLastChange(machine: Machine): Promise<LastChange | undefined> {
  const names = await listFolder(machine, changeFolder)
  const marker = markers.find((name) => names.includes(name))
  const text = await readText(machine, `${changeFolder}/change.json`)
  if (marker === undefined || text === undefined) return undefined
  const record = recordSchema.parse(JSON.parse(text))
  const isStale = (await readBootId(machine)) !== record.bootId
  const deadline = Number(await readWord(machine, `${changeFolder}/deadline`))
  const left = Math.max(0, deadline - (await readUptime(machine)))
  return { marker, record, isStale, secondsLeft: marker === 'pending' && !isStale ? left : undefined }
}

/** Keeps all that is needed to put back what is there now; from here on the change is pending. */
export async function keepEarlier(
  machine: Machine,
  {
    change,
    caller,
    deadline,
  }: { readonly change: NetworkChange; readonly caller: string; readonly deadline: number },
): Promise<void> {
  const { root } = machine
  const folder = root + preparedFolder
  await rm(folder, { recursive: true, force: true })
  // Keyfiles and netplan's files hold passwords.
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const files = await Promise.all(
    change.files.map(async ({ path, earlier }, at) => {
      const kept = earlier === undefined ? undefined : `file-${at}`
      if (kept !== undefined) await copyWhole(root + path, `${folder}/${kept}`)
      return { path: root + path, kept }
    }),
  )
  const whole = async (calls: readonly ToolCall[]): Promise<readonly (readonly string[])[]> =>
    await Promise.all(calls.map(async ([tool, ...args]) => [await needTool(machine, tool), ...args]))
  const script = rollBackScript({
    folder: root + changeFolder,
    files,
    before: await whole(change.back.before),
    after: await whole(change.back.after),
    atStart: await whole(change.backend.atStart ?? []),
    startPaths: startPaths.map((path) => root + path),
  })
  const texts = {
    'change.json': JSON.stringify(await recordOf(machine, { change, caller })),
    'roll-back.sh': script,
    'watch.sh': watchScript({ folder: root + changeFolder, uptimePath: `${root}/proc/uptime` }),
    deadline: `${deadline}\n`,
    pending: '',
  }
  for (const [name, text] of Object.entries(texts))
    await writeWhole(`${folder}/${name}`, { text, mode: 0o600 })
  await rm(root + changeFolder, { recursive: true, force: true })
  await rename(folder, root + changeFolder)
  await syncFolder(dirname(root + changeFolder))
}

/** The way back must not fail for want of a tool. */
async function needTool(machine: Machine, tool: string): Promise<string> {
  const path = await findTool(machine, tool)
  if (path === undefined) throw missing(`Cannot apply the network: ${tool} is not on this machine`)
  return path
}

/** With mode, owner and times: it is what comes back. */
async function copyWhole(from: string, to: string): Promise<void> {
  const { mode, uid, gid, atime, mtime } = await stat(from)
  await copyFile(from, to)
  await chown(to, uid, gid)
  await chmod(to, mode & 0o7777)
  await utimes(to, atime, mtime)
  const file = await open(to)
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

async function recordOf(
  machine: Machine,
  { change: { plan, backend, files }, caller }: { readonly change: NetworkChange; readonly caller: string },
): Promise<ChangeRecord> {
  return {
    madeAt: machine.now().toISOString(),
    caller,
    backend: backend.name,
    interfaces: plan.interfaces.map(({ name, mac, addresses }) => ({
      name,
      mac,
      addresses: addresses.map(cidr),
    })),
    files: files.map(({ path }) => path),
    bootId: await readBootId(machine),
  }
}

/** When a pending change is rolled back, by {@link readUptime}. */
export async function setDeadline({ root }: Machine, deadline: number): Promise<void> {
  await writeWhole(`${root}${changeFolder}/deadline`, { text: `${deadline}\n`, mode: 0o600 })
}

/** @returns whether the marker was there; whoever gets true has decided */
export async function moveMarker(
  { root }: Machine,
  { from, to }: { readonly from: Marker; readonly to: Marker },
): Promise<boolean> {
  const folder = root + changeFolder
  return await rename(`${folder}/${from}`, `${folder}/${to}`).then(
    () => true,
    () => false,
  )
}

/** Whole seconds on the clock that nobody can set. */
export async function readUptime(machine: Machine): Promise<number> {
  return Math.floor(Number((await readWord(machine, '/proc/uptime'))?.split(' ')[0] ?? 0))
}

async function readBootId(machine: Machine): Promise<string> {
  return (await readWord(machine, '/proc/sys/kernel/random/boot_id')) ?? 'unknown'
}
