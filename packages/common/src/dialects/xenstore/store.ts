/**
 * XenStore as those see it who read and write it, within a transaction or without.
 * Floor 6. Contracts only; XenStoreClient keeps them.
 */
import type { ReadableNodes } from '../exchange.js'

/** Reads and writes nodes. What is not there is `undefined`, never an error. */
export interface Nodes extends ReadableNodes {
  /** Makes what is missing above it. */
  readonly write: (path: string, value: Buffer) => Promise<void>
  /** Removes a node and all below it; harmless when it is gone. */
  readonly remove: (path: string) => Promise<void>
}

/** A connection to a daemon. */
export interface Store extends Nodes {
  /**
   * Watches a node and all below it.
   * @param onEvent called at once, and after each change, with the path that changed
   * @returns stops watching
   */
  watch(path: string, onEvent: (path: string) => void): Promise<() => Promise<void>>
  /** Does several things at once or not at all; `work` is begun anew when somebody else came between. */
  transaction<Value>(work: (nodes: Nodes) => Promise<Value>): Promise<Value>
  /** Fulfilled when the connection is over, with the cause if there is one. */
  readonly ended: Promise<Error | undefined>
  close(): void
}
