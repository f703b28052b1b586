/**
 * The JSON lines of a daemon's answer, waited for one by one.
 * Floor 7.
 */
import type { OutgoingCall } from '../call/call.js'
import { readJsonLines } from '../call/json-lines.js'

/** One answer's lines. */
export class LineQueue {
  readonly #values: { readonly value: unknown }[] = []
  #isOver = false
  #wake: () => void = () => undefined

  constructor(call: OutgoingCall) {
    call.stdin.end()
    call.stderr.discard()
    readJsonLines(call.stdout, {
      value: (value) => {
        this.#values.push({ value })
        this.#wake()
      },
      bad: () => call.cancel(),
    })
    void call.result.then(() => {
      this.#isOver = true
      this.#wake()
    })
  }

  /** The next line's value; `undefined` when there is none any more. */
  async next(): Promise<{ readonly value: unknown } | undefined> {
    while (this.#values.length === 0 && !this.#isOver) {
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    return this.#values.shift()
  }
}
