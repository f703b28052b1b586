/**
 * The numbers that bound other agents' protocols, python-negotiator's among them: limits.ts goes on here.
 * Floor 6. These protocols bound nothing, so all of them are ours.
 */

/** Bytes of a message of theirs: a result of 16 MiB whose characters are mostly escaped; a longer count is garbage. */
export const classicMessageBytesMax: number = 64 * 1024 * 1024

/** Bytes of a message of a peer that we have asked nothing: the refusal of a method that it does not have; a longer count is garbage. */
export const classicUnaskedBytesMax: number = 64 * 1024

/**
 * Bytes of a request of theirs, and of all those together that wait for an answer: what one has for standard input comes in it. A
 * longer count is garbage; of a client that does not wait for its answers what is beyond it is dropped.
 */
export const classicRequestBytesMax: number = 4 * 1024 * 1024

/** Bytes of a command's output that are collected for one answer of theirs; beyond it the answer says so. */
export const classicOutputBytesMax: number = 16 * 1024 * 1024

/** Bytes of a command's standard error that are kept for a dialect's answer: a sentence for people; the rest is dropped. */
export const legacyErrorBytesMax: number = 4096

/** Bytes of a command's output that are collected for an answer of a mounted dialect; beyond it the answer says so. */
export const legacyOutputBytesMax: number = 4 * 1024 * 1024

/** Requests of a mounted dialect that are served at once where each answer tells what it answers; the next waits. */
export const legacyAtOnceMax: number = 8

/** A call of a mounted dialect that names no deadline ends after so long: its peer has none, and waits. */
export const legacyTimeoutMs: number = 300_000

/** Bytes of a line that a dialect is given; a longer one is dropped up to its end, and answered. */
export const legacyLineBytesMax: number = 4 * 1024 * 1024

/** Lines that wait for their turn, and their bytes together; beyond it a line is dropped, and answered in its turn. */
export const linesWaitingMax: number = 64
export const linesWaitingBytesMax: number = 8 * 1024 * 1024

/** Bytes of ours that wait for a peer that does not read; what it did not ask for is dropped beyond that. */
export const linesPushBytesMax: number = 256 * 1024

/** Calls that wait for a peer that takes one at a time; the next is answered `busy`. */
export const classicQueueMax: number = 256

/**
 * A peer that has answered is asked again after so long whether it is still there, and still what it was. Its log has a line
 * for each time, so this is rare; one that was upgraded tells us itself on the other channel.
 */
export const classicProbeMs: number = 300_000

/** While we wait for a peer's word it is asked again after so long, and given up after `heartbeatDeadMs`. */
export const classicAskMs: number = 5_000

/** A request that comes so long after one that is unanswered is of another client: the first one has left. */
export const classicPatienceMs: number = 1_000

/**
 * A request that came so shortly before we heard of its channel's end may be of a client on the next channel. To start its command
 * may hold up a daemon for hundreds of milliseconds where forks are slow, and the news with it; a guest that gets no processor
 * time has been seen to hear seconds late.
 */
export const earlyLetterMs: number = 10_000

/** Such a request that is older when there is a next channel is dropped, and so is its answer. */
export const earlyLetterKeptMs: number = 30_000

/** A new channel's client that asks nothing for so long has asked already. */
export const earlyLetterSettleMs: number = 100
