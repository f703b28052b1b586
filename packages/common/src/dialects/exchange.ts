/**
 * The contract of an exchange: it moves the requests and answers of a protocol that is not ours, one in, one out.
 * Floor 6. It knows borders and order, and nothing of what is asked.
 */

/** One request as an exchange moved it. */
export interface Letter {
  /** Names the letter in `reply`. */
  readonly id: number
  readonly body: Buffer
}

/** Moves letters. */
export interface Exchange {
  /** Begins; called once. The next letter is given when the last one was answered, or its sender has left. */
  start(receive: (letter: Letter) => void): void
  /** Sends the answer to a letter; dropped when nobody waits for it any more. */
  reply(id: number, body: Buffer): void
}
