/**
 * What bounds a module, with each number's reason.
 * Floor 4.
 */

/** A module command's worker ends after so long without a call; it holds some 5 MiB. */
export const moduleIdleMs: number = 60_000

/**
 * A module that has not been loaded after so long is given up, or its calls would wait for ever. A thread and its first module take a
 * tenth of a second; in an emulated guest on a busy machine they have taken more than ten.
 */
export const moduleLoadMs: number = 60_000

/** Bytes of a module's heap, all its calls together, unless its settings tell; beyond it its worker is ended. */
export const moduleHeapBytesMax: number = 256 * 1024 * 1024

/** Bytes on the way between a call and its module on each lane; whoever writes more waits. A message counts for some, too. */
export const moduleWindowBytes: number = 256 * 1024
export const moduleChunkBytes: number = 64 * 1024
export const moduleMessageBytes: number = 128

/** Lines of a module's console that the log takes in such a time; the rest is dropped, and that is said. */
export const moduleLogLinesMax: number = 100
export const moduleLogPeriodMs: number = 60_000

/** Characters of such a line. */
export const moduleLogLineLengthMax: number = 1_000
