/**
 * `rename-restart`: what has ended is kept under another name and uuid, so that the guest itself can go on under its own.
 * What is kept is a definition that nobody starts by itself, and the machine's memory where its driver can write it.
 */
import { randomUUID } from 'node:crypto'
import { sentenceOf } from '@negotiator/common'
import type { MachineEnd } from '../../drivers/machines.js'
import type { GuestStore } from '../store/guest-store.js'
import type { GuestAtHand } from './guest-at-hand.js'
import type { LifeRecords } from './life-record.js'

/** What setting aside needs. */
export interface SetAsideNeeds {
  readonly store: GuestStore
  readonly records: LifeRecords
  readonly end: MachineEnd
  /** Since 1970. */
  readonly nowMs: number
  readonly signal: AbortSignal
}

/** Sets an ended guest aside. @returns the name that it has from now on */
export async function setAside(guest: GuestAtHand, needs: SetAsideNeeds): Promise<string> {
  const { store, records, end, nowMs } = needs
  const { definition, log } = guest
  const { values } = await store.find(definition.uuid)
  const uuid = randomUUID()
  const name = nameFor(definition.name, nowMs)
  const nothing = 'ignore' as const
  await store.put({
    values: {
      ...values,
      ...{ uuid, name, on_daemon_start: nothing, on_daemon_stop: nothing, on_host_shutdown: nothing },
      ...{ on_poweroff: 'destroy', on_reboot: 'destroy', on_crash: 'preserve' },
      // A disk that two machines write to is lost.
      disks: values.disks.map((disk) => ({ ...disk, read_only: true })),
    },
  })
  const memory = await memoryOf(guest, { ...needs, path: records.memoryFile(uuid) })
  await records.change(uuid, { keptFrom: { uuid: definition.uuid, end, atMs: nowMs, memory } })
  log.info('A managed guest that has ended is kept under another name', {
    guest: definition.name,
    keptAs: name,
    memory,
  })
  return name
}

/** Unique to the second, and short enough whatever the guest is called. */
function nameFor(name: string, nowMs: number): string {
  const time = new Date(nowMs)
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace(/[-:]/g, '')
    .replace('T', '-')
  return `${name.slice(0, 64 - 1 - time.length)}-${time}`
}

async function memoryOf(
  { machines, definition, log }: GuestAtHand,
  { path, signal }: { readonly path: string; readonly signal: AbortSignal },
): Promise<string | undefined> {
  try {
    const isWritten = await machines.dump?.({ uuid: definition.uuid, path, signal })
    return isWritten === true ? path : undefined
  } catch (error) {
    log.warn('The memory of a guest that has ended could not be kept', {
      guest: definition.name,
      reason: sentenceOf(error),
    })
    return undefined
  }
}
