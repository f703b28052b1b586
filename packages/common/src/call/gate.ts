/**
 * Lets so many in at once; whoever comes later waits in order, or is turned away.
 * Floor 5.
 */

/** A gate. Whoever was let in leaves exactly once. */
export class Gate {
  readonly #countMax: number
  #count = 0
  readonly #waiting = new Set<() => void>()

  constructor(countMax: number) {
    this.#countMax = countMax
  }

  /** Whether nobody is inside and nobody waits. */
  get isIdle(): boolean {
    return this.#count === 0 && this.#waiting.size === 0
  }

  /** Goes in if there is room. */
  tryEnter(): boolean {
    if (this.#count >= this.#countMax) return false
    this.#count += 1
    return true
  }

  /**
   * Waits for room and goes in.
   * @param signal gives up waiting
   * @returns whether it is inside
   */
  async enter(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false
    if (this.tryEnter()) return true
    return await new Promise((resolve) => {
      const giveUp = (): void => {
        this.#waiting.delete(letIn)
        resolve(false)
      }
      const letIn = (): void => {
        signal.removeEventListener('abort', giveUp)
        resolve(true)
      }
      signal.addEventListener('abort', giveUp, { once: true })
      this.#waiting.add(letIn)
    })
  }

  /** Leaves; the first who waits takes the place. */
  leave(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#count -= 1
      return
    }
    this.#waiting.delete(next)
    next()
  }
}
