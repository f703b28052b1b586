/**
 * How a machine is, as `virsh domstate --reason` has it.
 * Pure.
 * @see https://libvirt.org/html/libvirt-libvirt-domain.html, virDomainShutoffReason and its like
 */
import type { MachineEnd, MachineStatus } from '../machines.js'

/** What is known of a domain beside its state. */
interface Beside {
  /** Its memory is on the disk. */
  readonly isSaved: boolean
  /** It has been seen running, and was not let go since. */
  readonly isKept: boolean
}

/** What libvirt remembers of a domain that is off. A reboot that was not to be one is a shutdown to it. */
const ends: Readonly<Record<string, MachineEnd>> = { shutdown: 'poweroff', crashed: 'crash' }

/** @param answer e.g. `shut off (crashed)`; empty when there is no such domain */
export function domainStatus(answer: string, { isSaved, isKept }: Beside): MachineStatus {
  const [, state = '', reason = ''] = /^\s*(.+?) \((.*)\)\s*$/.exec(answer) ?? []
  switch (state) {
    case '':
      return { state: 'off' }
    case 'shut off': {
      if (isSaved) return { state: 'suspended' }
      const end = ends[reason]
      return end === undefined || !isKept ? { state: 'off' } : { state: 'ended', end }
    }
    case 'crashed':
      return { state: 'ended', end: 'crash' }
    case 'paused':
      return reason === 'crashed' ? { state: 'ended', end: 'crash' } : { state: 'paused' }
    case 'pmsuspended':
      return { state: 'paused' }
    default:
      return { state: 'running' }
  }
}
