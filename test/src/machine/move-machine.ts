/**
 * Moves a machine from one QEMU to another while it runs, as `virsh migrate --live` does.
 */
import { setTimeout as pass } from 'node:timers/promises'
import type { Vm } from './vm.js'

/** QEMU is asked so often whether it is done. */
const askEachMs = 50
const moveTimeoutMs = 60_000

interface Move {
  readonly source: Vm
  /** Started with `-incoming defer`. */
  readonly target: Vm
  /** Where they meet, as QEMU names it. */
  readonly uri: string
}

/** When this returns the machine runs in the target, and the source is gone. */
export async function moveMachine({ source, target, uri }: Move): Promise<void> {
  await target.qmp('migrate-incoming', { uri })
  await source.qmp('migrate', { uri })
  await untilMoved(source)
  await untilStatus(target, 'running')
  await source.kill()
}

/** Waits until a machine's memory is where `migrate` was to bring it. */
export async function untilMoved(vm: Vm): Promise<void> {
  await until('memory to be moved', async () => {
    const status = fieldOf(await vm.qmp('query-migrate'), 'status')
    if (status === 'failed') throw new Error('Cannot move the machine: QEMU says that it failed')
    return status === 'completed'
  })
}

/** Waits until a machine is in a state, such as `running`. */
export async function untilStatus(vm: Vm, wanted: string): Promise<void> {
  await until(
    `the machine to be ${wanted}`,
    async () => fieldOf(await vm.qmp('query-status'), 'status') === wanted,
  )
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const late = AbortSignal.timeout(moveTimeoutMs)
  while (!(await isSo())) {
    if (late.aborted) throw new Error(`Cannot wait for ${what}: it took more than ${moveTimeoutMs} ms`)
    await pass(askEachMs)
  }
}

function fieldOf(answer: unknown, field: string): unknown {
  return (answer as Readonly<Record<string, unknown>> | undefined)?.[field]
}
