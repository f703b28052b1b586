/**
 * How a machine is, as QEMU's `query-status` has it.
 * Pure. A machine that was started with shutdown=pause is in the state `shutdown` once it has ended by itself.
 * @see https://www.qemu.org/docs/master/interop/qemu-qmp-ref.html, RunState
 */
import type { MachineStatus } from '../machines.js'
import type { JournalEnd } from './event-journal.js'

/** How a machine is that has a process. */
export type LiveStatus = Exclude<MachineStatus, { readonly state: 'off' | 'suspended' }>

/**
 * @param answer of `query-status`
 * @param journal by which a reboot is told from a shutdown
 */
export function liveStatus(answer: unknown, journal: JournalEnd): LiveStatus {
  const status =
    typeof answer === 'object' && answer !== null && 'status' in answer ? answer.status : undefined
  switch (status) {
    case 'shutdown':
      return { state: 'ended', end: journal === 'reboot' || journal === 'crash' ? journal : 'poweroff' }
    case 'guest-panicked':
    case 'internal-error':
      return { state: 'ended', end: 'crash' }
    case 'running':
      return { state: 'running' }
    default:
      return { state: 'paused' }
  }
}
