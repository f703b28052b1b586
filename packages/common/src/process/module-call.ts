/**
 * One call of a module, from the daemon's side: a running command like any other.
 * Floor 4. It knows its worker by what it may ask of it, and ends once, whatever happens to the worker.
 */
import type { Clock, Timer } from '../clock.js'
import { stopGraceMs } from '../limits.js'
import type { Result } from '../wire/result.js'
import { isEnding, untilRead } from './call-endings.js'
import { ModuleInput, ModuleOutput } from './module-lanes.js'
import type { FromModule, OutputName, ToModule } from './module-messages.js'
import type { RunningCommand } from './runner.js'

/** What a call asks of its worker. */
export interface ModuleCallOwner {
  post(message: ToModule): void
  /** Whether the module's functions can run at all by now. */
  isLoaded(): boolean
  /** Ends the worker, for this call does not end otherwise. */
  kill(): void
  /** The function has ended, or never will begin. */
  over(): void
}

interface ModuleCallOptions {
  readonly id: number
  readonly hasStdin: boolean
  readonly clock: Clock
  readonly owner: ModuleCallOwner
}

/** A call under way. */
export class ModuleCall implements RunningCommand {
  readonly stdin: ModuleInput | undefined
  readonly stdout: ModuleOutput
  readonly stderr: ModuleOutput
  readonly ended: Promise<Result>
  readonly #options: ModuleCallOptions
  readonly #stopped: Promise<void>
  #tellStopped: () => void = () => undefined
  #isStopped = false
  #settle: (result: Result) => void = () => undefined
  #isSettled = false
  #killTimer: Timer | undefined

  constructor(options: ModuleCallOptions) {
    const { id, hasStdin, owner } = options
    this.#options = options
    this.stdin = hasStdin
      ? new ModuleInput({
          bytes: (bytes) => owner.post({ kind: 'stdin', id, bytes }),
          end: () => owner.post({ kind: 'stdin-end', id }),
        })
      : undefined
    this.stdout = this.#output('stdout')
    this.stderr = this.#output('stderr')
    this.#stopped = new Promise((resolve) => (this.#tellStopped = resolve))
    const settled = new Promise<Result>((resolve) => (this.#settle = resolve))
    this.ended = this.#untilRead(settled)
  }

  /** Takes what the worker says of this call. */
  receive(message: Extract<FromModule, { readonly id: number }>): void {
    switch (message.kind) {
      case 'output':
        return this[message.output].add(bufferOf(message.bytes))
      case 'taken':
        return this.stdin?.taken(message.byteCount)
      case 'ended':
        return this.finish(
          message.isAborted
            ? { kind: 'signalled', signal: 'SIGTERM' }
            : { kind: 'exited', code: message.code },
        )
    }
  }

  /** The call's one ending, and what its standard error says of it; later ones are ignored. */
  finish(result: Result, line = ''): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#killTimer?.cancel()
    this.stdin?.destroy()
    if (line !== '') this.stderr.add(Buffer.from(line))
    this.stdout.finish()
    this.stderr.finish()
    this.#settle(result)
    this.#options.owner.over()
  }

  signal(name: NodeJS.Signals): void {
    if (isEnding(name)) this.stop()
  }

  stop(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#tellStopped()
    if (this.#isSettled) return
    const { id, clock, owner } = this.#options
    owner.post({ kind: 'abort', id })
    if (owner.isLoaded()) this.#killTimer = clock.setTimer(stopGraceMs, () => this.#kill())
    else this.finish({ kind: 'signalled', signal: 'SIGTERM' })
  }

  #kill(): void {
    this.finish({ kind: 'signalled', signal: 'SIGKILL' })
    this.#options.owner.kill()
  }

  #output(output: OutputName): ModuleOutput {
    const { id, owner } = this.#options
    return new ModuleOutput((byteCount) => owner.post({ kind: 'taken', id, output, byteCount }))
  }

  /** Both outputs have been read by the time that the ending is told. */
  async #untilRead(settled: Promise<Result>): Promise<Result> {
    const result = await settled
    await untilRead([this.stdout, this.stderr], { clock: this.#options.clock, stopped: this.#stopped })
    return result
  }
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
