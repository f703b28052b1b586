/**
 * What bounds hooks, with each number's reason.
 * Floor 5.
 */

/** Hooks of one phase; further ones are refused, by name, so that nobody waits for a folder that was filled by mistake. */
export const hooksPerPhaseMax: number = 256

/** Hooks that run at the same time in one phase, where their settings let them. */
export const hooksAtOnceMax: number = 8

/** Bytes that are kept of what a hook prints: the last ones, for what went wrong stands at the end. */
export const hookOutputBytesMax: number = 16 * 1024

/** Bytes of what a hook is told about its phase; with more the phase is not run. */
export const hookSubjectBytesMax: number = 256 * 1024

/** Milliseconds that all of a guest's hooks of a phase may take together when the host asks it; then it counts as not asked. */
export const guestHooksTimeoutMs: number = 600_000
