/**
 * Ends a process group: politely, then not.
 * Floor 4. A group, for what a command has started ends with it.
 */
import type { Clock, Timer } from '../clock.js'
import { systemCodeOf } from '../errors.js'
import { stopGraceMs } from '../limits.js'

/** A process group, named by its leader. */
export class ProcessGroup {
  readonly #leader: number
  readonly #clock: Clock
  #killTimer: Timer | undefined
  #isStopped = false
  #isFinished = false

  constructor({ leader, clock }: { leader: number; clock: Clock }) {
    this.#leader = leader
    this.#clock = clock
  }

  /** Sends a signal to all of the group; nothing happens when nobody is left. */
  signal(name: NodeJS.Signals): void {
    // The group's number may be another's by now.
    if (this.#isFinished) return
    try {
      process.kill(-this.#leader, name)
    } catch (error) {
      // ESRCH: the group is empty. EPERM: what is left of it has another user (a set-user-ID program), and is not ours to end.
      if (systemCodeOf(error) !== 'ESRCH' && systemCodeOf(error) !== 'EPERM') throw error
    }
  }

  /** Whether the command is being ended from outside. */
  get isStopped(): boolean {
    return this.#isStopped
  }

  /** SIGTERM now, SIGKILL after a grace. */
  stop(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    if (this.#isFinished) return
    this.signal('SIGTERM')
    // A stopped process would sit on its SIGTERM for ever.
    this.signal('SIGCONT')
    this.#killTimer = this.#clock.setTimer(stopGraceMs, () => this.signal('SIGKILL'))
  }

  /** The leader is gone: ends whatever it has left behind. */
  finish(): void {
    this.#killTimer?.cancel()
    this.signal('SIGKILL')
    this.#isFinished = true
  }
}
