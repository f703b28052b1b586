/**
 * One thing after another: what is done to a guest never meets something else that is done to it.
 */

/** A line in which actions wait for their turn. */
export class InOrder {
  #last: Promise<unknown> = Promise.resolve()

  /** Does something once all that came before is over, however that ended. */
  async take<Value>(action: () => Promise<Value>): Promise<Value> {
    const turn = this.#last.then(action)
    this.#last = turn.catch(() => undefined)
    return await turn
  }
}
