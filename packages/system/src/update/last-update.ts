/**
 * How the last update went, as the script that watched over it has written it down.
 */
import { statSync } from 'node:fs'
import type { LastUpdate, UpdateState } from '@negotiator/common/system'
import { readText } from '../files.js'
import type { Machine } from '../machine.js'
import { reportPath } from './watch-over.js'

const states: ReadonlySet<unknown> = new Set<UpdateState>(['pending', 'updated', 'rolled-back', 'down'])

/** Longer than the script may take, for both programs. */
const pendingMs = 10 * 60_000

/** @returns `none` when there was no update, or nothing can be read of it */
export async function lastUpdate(machine: Machine): Promise<LastUpdate> {
  const text = (await readText(machine, reportPath)) ?? ''
  const [, state, version] = /^\{"state":"([a-z-]+)","version":"([\d.]+)"\}\n$/.exec(text) ?? []
  return isState(state) && version !== undefined ? { state, version } : { state: 'none', version: null }
}

/** Whether one is under way. One whose watcher has died, say by a power cut, is not. */
export async function isUpdating(machine: Machine): Promise<boolean> {
  const { state } = await lastUpdate(machine)
  if (state !== 'pending') return false
  return machine.now().getTime() - statSync(`${machine.root}${reportPath}`).mtimeMs < pendingMs
}

function isState(value: unknown): value is UpdateState {
  return states.has(value)
}
