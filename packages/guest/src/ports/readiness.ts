/**
 * How a virtio port tells that something happened to it: data, room to write, the host coming or going.
 * Node itself cannot wait for a character device (net refuses it, fs.read would block a thread that nothing can wake).
 */
/** Watches open ports. */
export interface Readiness {
  /**
   * Calls `onReady` when something may have happened to the port, at least once for each thing that did. Whoever is told must
   * read until there is nothing left: it is told of changes, not of states.
   * @param onReady answers whether bytes have moved since it was last called: who can only look looks again sooner then
   * @returns a function that stops watching; call it before the descriptor is closed
   */
  watch(descriptor: number, onReady: () => boolean): () => void
  /**
   * Whether a read would say EAGAIN now. Asking costs a tenth of what that error costs Node, which makes an exception of it;
   * `false` where it cannot be asked.
   */
  isQuiet(descriptor: number): boolean
  /** Ends all watching; nothing then keeps the process alive. */
  close(): void
}
