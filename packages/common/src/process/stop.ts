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

  constructor({ leader, clock }: { leader: number; clock: Clock }) {
    this.#leader = leader
    this.#clock = clock
  }

  /** Sends a signal to all of the group; nothing happens when nobody is left. */
  signal(name: NodeJS.Signals): void {
    try {
      process.kill(-this.#leader, name)
    } catch (error) {
      // ESRCH: the group is empty. EPERM: what is left of it has another user (a set-user-ID program), and is not ours to end.
      if (systemCodeOf(error) !== 'ESRCH' && systemCodeOf(error) !== 'EPERM') throw error
    }
  }

  /** SIGTERM now, SIGKILL after a grace. */
  stop(): void {
    if (this.#killTimer !== undefined) return
    this.signal('SIGTERM')
    // A stopped process would sit on its SIGTERM for ever.
    this.signal('SIGCONT')
    this.#killTimer = this.#clock.setTimer(stopGraceMs, () => this.signal('SIGKILL'))
  }

  /** The leader is gone: ends whatever it has left behind. */
  finish(): void {
    this.#killTimer?.cancel()
    this.signal('SIGKILL')
  }
}
