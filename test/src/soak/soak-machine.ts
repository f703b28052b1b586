/**
 * The machine that is soaked. Which QEMU runs it changes: a restored and a migrated machine go on in another one.
 */
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pass } from 'node:timers/promises'
import type { Image } from '../machine/image.js'
import { moveMachine, untilMoved, untilStatus } from '../machine/move-machine.js'
import { startVm } from '../machine/vm.js'
import type { Vm } from '../machine/vm.js'
import type { GuestRecord } from './guest-record.js'
import type { Ledger } from './ledger.js'

/** Its name, and the guest's for the host's daemon. */
export const guestName = 'soaked'

const memoryMb = 512

interface MachineParts {
  readonly image: Image
  /** A folder of its own: `channels/NAME` is where the host looks for guests. */
  readonly root: string
  readonly record: GuestRecord
  readonly ledger: Ledger
}

/** A machine, whichever QEMU it is in. */
export class SoakMachine {
  readonly #parts: MachineParts
  #vm: Vm | undefined
  #startCount = 0

  constructor(parts: MachineParts) {
    this.#parts = parts
  }

  /** The QEMU that it is in. */
  get vm(): Vm {
    if (this.#vm === undefined) throw new Error('The soaked machine does not run')
    return this.#vm
  }

  /** Where its channels lie. */
  get channels(): string {
    return join(this.#parts.root, 'channels')
  }

  async boot(): Promise<void> {
    const vm = await this.#start([])
    await this.#takeOver(vm)
    await vm.waitBooted()
  }

  /** Stops time in the guest for so long. */
  async standStill(forMs: number): Promise<void> {
    await this.#stillWhile(async () => await pass(forMs))
  }

  async reboot(): Promise<void> {
    const fromMs = Date.now()
    await this.vm.reboot()
    this.#parts.ledger.guestEnds.push({ fromMs, toMs: Date.now() })
  }

  /** Writes the machine's memory into a file; the machine goes on. @returns sets it back to how it was then */
  async snapshot(): Promise<() => Promise<void>> {
    const file = join(this.#parts.root, 'snapshot')
    const takenMs = await this.#stillWhile(async () => {
      await this.vm.qmp('migrate', { uri: `exec:cat > ${file}` })
      await untilMoved(this.vm)
    })
    return async () => await this.#restore(file, takenMs)
  }

  /** Moves it to another QEMU while it runs, as `virsh migrate --live` does. */
  async migrate(): Promise<void> {
    const uri = `unix:${join(this.#parts.root, 'migration.sock')}`
    const source = this.vm
    const target = await this.#start(['-incoming', 'defer'])
    await moveMachine({ source, target, uri })
    await this.#takeOver(target)
  }

  /** Ends it; its folder is whoever's who made it. */
  async close(): Promise<void> {
    await this.#vm?.close()
  }

  async #restore(file: string, takenMs: number): Promise<void> {
    const { ledger, record } = this.#parts
    const fromMs = Date.now()
    await this.vm.kill()
    ledger.guestEnds.push({ fromMs, toMs: Date.now() })
    ledger.restorations.push({ takenMs, restoredMs: Date.now() })
    record.nextTimeline = ledger.timeline
    const vm = await this.#start(['-incoming', 'defer'])
    await vm.qmp('migrate-incoming', { uri: `exec:cat ${file}` })
    await untilStatus(vm, 'paused')
    await this.#takeOver(vm)
    await vm.resume()
    // What was on its way into the guest when the snapshot was taken is read now, a standstill that its caller never saw.
    ledger.standstills.push({ fromMs: takenMs, toMs: Date.now() })
  }

  async #stillWhile(work: () => Promise<void>): Promise<number> {
    const fromMs = Date.now()
    await this.vm.pause()
    try {
      await work()
    } finally {
      await this.vm.resume()
      this.#parts.ledger.standstills.push({ fromMs, toMs: Date.now() })
    }
    return fromMs
  }

  /** A new QEMU, whose sockets lie where no host looks for them yet. */
  async #start(extraArgs: readonly string[]): Promise<Vm> {
    const { image, root, record } = this.#parts
    this.#startCount += 1
    const dir = join(root, `qemu-${this.#startCount}`)
    await mkdir(dir)
    return await startVm({
      image,
      name: guestName,
      dir,
      memoryMb,
      extraArgs: [...record.qemuArguments, ...extraArgs],
    })
  }

  /** Its sockets are the guest's channels from now on. A socket that is renamed goes on listening. */
  async #takeOver(vm: Vm): Promise<void> {
    const folder = join(this.channels, guestName)
    await mkdir(folder, { recursive: true })
    for (const { name, socketPath } of vm.ports) await rename(socketPath, join(folder, `${name}.sock`))
    this.#vm = vm
  }
}
