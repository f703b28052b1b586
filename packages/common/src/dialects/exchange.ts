/**
 * The contract of an exchange: it moves the requests and answers of a protocol that is not ours, one in, one out.
 * Floor 6. It knows borders and order, and nothing of what is asked.
 */

/** One request as an exchange moved it. */
export interface Letter {
  /** Names the letter in `reply`. */
  readonly id: number
  readonly body: Buffer
  /** Why its body is not there; the dialect says so in its own words. */
  readonly fault?: LetterFault | undefined
}

/** `too-long`: longer than is kept · `too-many`: more of them were waiting than are kept. */
export type LetterFault = 'too-long' | 'too-many'

/** Moves letters. */
export interface Exchange {
  /**
   * Begins; called once. Where the protocol numbers nothing the next letter is given when the last one was answered, or its
   * sender has left.
   */
  start(receive: (letter: Letter) => void): void
  /** Sends the answer to a letter, `undefined` for none; dropped when nobody waits for it any more. */
  reply(id: number, body: Buffer | undefined): void
  /** Sends what nobody asked for. @returns whether it was taken; it is dropped when too much waits already */
  push?(body: Buffer): boolean
}

/** An exchange that has a way of its own, which a configuration names; it is opened anew when that way is lost. */
export interface MountableExchange extends Exchange {
  push(body: Buffer): boolean
  /** Fulfilled when the way is lost, with the cause if there is one. */
  readonly ended: Promise<Error | undefined>
  /** Gives the way back at once; harmless when it is over already. */
  close(): void
}
