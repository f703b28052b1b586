/**
 * The numbers that bound something, each with its unit, its reason and what happens beyond it; some folders have their own beside them.
 * Floor 0. Spec constants (both peers must agree) and our own choices stand in two blocks.
 */

// ---- Spec constants: PROTOCOL.md fixes them, a peer relies on them. ----

/** Bytes before a frame's payload. @see PROTOCOL.md "Frames" */
export const frameHeaderBytes: number = 24

/**
 * Bytes of the largest frame, header included. A virtio port takes at most 32 KiB in one write;
 * a longer announced length is garbage, and the receiver looks for the next marker.
 */
export const frameBytesMax: number = 32 * 1024

/** Bytes of the largest payload; a request whose arguments do not fit is a UsageError of its caller. */
export const payloadBytesMax: number = frameBytesMax - frameHeaderBytes

/** Bytes of the largest opening; a longer announced length is garbage. */
export const openingBytesMax: number = 4096

/** Bytes that may be sent on one lane before the receiver grants more; beyond it the session ends. */
export const laneWindowBytes: number = 256 * 1024

/**
 * Stream data bytes sent and not yet acknowledged by the other daemon, per session. The kernel and QEMU
 * would queue about 4 MiB, a second of delay for a small call on a slow guest; beyond it data waits here.
 */
export const inFlightBytesMax: number = 1024 * 1024

/** The receiver acknowledges data at least each so many bytes, so a sender with a full cap never stalls. */
export const acknowledgeBytes: number = 64 * 1024

/** Calls at once in one session; the next is answered `busy`. Ten times what the field's users have asked for. */
export const streamCountMax: number = 4096

/** Characters of a command's name, the length of the longest systemd unit prefix people use; longer is unknown. */
export const commandNameLengthMax: number = 64

// ---- Our own choices: another peer may choose otherwise. ----

/**
 * An unanswered opening is repeated after so long, then after twice as long, up to the maximum. Repeating is harmless; it is
 * needed for openings that a dying daemon took with it.
 */
export const openRetryMinMs: number = 1_000
export const openRetryMaxMs: number = 5_000

/** Without a session the rest of a frame is awaited for so long; then what there is of it is taken for a fragment. */
export const fragmentPatienceMs: number = 1_000

/** A refused peer (no common version) is asked again after so long: it may have been upgraded. */
export const refusedRetryMs: number = 30_000

/** Nothing heard for so long: a PING is sent. A virtio port has no end-of-file when the other daemon dies. */
export const heartbeatIntervalMs: number = 5_000

/** Nothing heard for so long: the session is dead and its calls end as `lost`. */
export const heartbeatDeadMs: number = 15_000

/** Round trips of a peer that are kept for `status`: some ten minutes of heartbeats, in half a kilobyte. */
export const roundTripsKeptMax: number = 128

/** PINGs of one session whose trip is measured at once; of more the oldest is not. */
export const pingsTimedMax: number = 32

/** A channel that has taken nothing for so long, while something waits for it, makes its peer `busy` in `status`. */
export const channelStuckMs: number = 1_000

/**
 * Nothing heard for so long: a request waits for a PONG before it enters the channel, for bytes written
 * to a paused VM or a stopped daemon would be read whenever it comes back.
 */
export const freshnessMs: number = 1_000

/**
 * Once a daemon has had so many collections of its young generation, some half a MiB of garbage each, and then none for so long,
 * it collects all that died: V8 may leave some ten MiB of it until there is work again.
 */
export const restCollectionsMin: number = 16
export const restMs: number = 2_000

/** The first and the longest wait before a lost channel is tried again; each wait is jittered by half. */
export const reconnectMinMs: number = 100
export const reconnectMaxMs: number = 5_000

/** Control frames queued for a peer that does not read; beyond it the session ends. */
export const controlQueueBytesMax: number = 1024 * 1024

/** Bytes a lane writer holds while it waits for credit before it asks its producer to pause. */
export const laneQueueBytes: number = 64 * 1024

/**
 * Bytes that the lanes of one session may hold together before nothing more is acknowledged, and how soon that is looked at again:
 * the windows of all the streams that a session may have would be a gigabyte. As much as 16 calls whose input nobody reads.
 */
export const sessionHeldBytesMax: number = 4 * 1024 * 1024
export const withheldMs = 50

/** From the polite signal to SIGKILL when a call is ended. */
export const stopGraceMs: number = 2_000

/** How long output is awaited after a command's exit while something it left behind holds its pipes. */
export const drainGraceMs: number = 1_000

/** How much longer than the deadline a caller waits for the side that enforces it. */
export const deadlineGraceMs: number = 5_000

/** The shortest time between two tellings of a peer's commands to those who watch; what changes meanwhile is told together. */
export const catalogueTellMs: number = 100

/** How long a program that asks for a peer's commands is left waiting for them; a peer tells them within a round trip. */
export const cataloguePatienceMs: number = 5_000

/**
 * Log lines about one peer at once, and how long until one more may pass; the others are counted, and the next line tells how
 * many. Else a guest that breaks the protocol in a loop would fill its host's disk.
 */
export const logBurstMax: number = 20
export const logLineMs: number = 1_000

/** Commands that one caller may have running at once; the next waits in line. As many as the field's users ask for, ten times over. */
export const callsPerCallerMax: number = 1024

/** The same for a guest on its host, where each costs memory of a daemon that serves all guests: some 200 KiB with its output. */
export const callsPerGuestMax: number = 48

/** A call that has not had its turn after so long is answered `busy`: those that run may be meant to run for ever. */
export const turnPatienceMs: number = 30_000

/**
 * Calls of one caller that may wait for their turn; the next is answered `busy`. As many as may run: each takes some 3 KB, and
 * its request and input.
 */
export const callsWaitingMax: number = callsPerCallerMax

/** Bytes of memory for what those calls ask for, their commands and arguments; beyond it the next is answered `busy`, too. */
export const callsWaitingBytesMax: number = 2 * 1024 * 1024

/**
 * So many calls of a guest its host serves in such a time; the others wait in line. Else a guest with a loop would have the
 * host do nothing but fork, or fill its disk with audit lines. A burst of all of them at once is served.
 */
export const guestCallsMax: number = 1024
export const guestCallsPeriodMs: number = 10_000

/** Bytes of audit lines that wait for the disk, some 10,000 calls; beyond it records are counted as lost. */
export const auditQueueBytesMax: number = 4 * 1024 * 1024

/** Calls of one caller that were never looked at share an audit line for so long; beyond it the next line begins. */
export const floodRecordMs: number = 1_000

/**
 * Calls that a dialect makes by itself, again and again, share an audit line for so long when they are alike: two thousand lines
 * a day instead of forty thousand. Beyond it the next line begins; a power failure loses the count of the last one.
 */
export const routineRecordMs: number = 600_000

/** How often a busy audit log looks whether its file was moved away. */
export const auditLookMs: number = 1_000

/** How long a daemon that stops waits for the last lines of its audit log. */
export const auditCloseMs: number = 2_000

/** Characters of a result's reason in the audit log; a longer one is cut. */
export const auditReasonLengthMax: number = 500

/** Bytes of an audit line that a reader holds, five times the longest that we write; the rest of it is passed over. */
export const auditLineBytesMax: number = 1024 * 1024

/** How often a reader that follows the audit log looks at it where the kernel does not tell of changes. */
export const auditPollMs: number = 1_000

/** Bytes of a UNIX socket's path that the kernel takes (sun_path less its NUL); longer is refused by name. */
export const socketPathBytesMax: number = 107

// ---- Commands and their settings. ----

/** Links on the way to a command, as many as the kernel follows; with one more the command is refused. @see path_resolution(7) */
export const linkCountMax: number = 40

/** Bytes of a command's settings file; with a larger one the command is refused. */
export const settingsBytesMax: number = 64 * 1024

/** Characters of a command's summary and of its usage: a line on a screen or two. The file is refused beyond it, a peer's is cut. */
export const summaryLengthMax: number = 200

/** Characters of an argument that is held against a pattern; a longer one is refused. Longer than any path that the kernel takes. */
export const patternedArgLengthMax: number = 4096

/** Patterns for the arguments of one command; with more the settings are refused. Each is read anew with each call. */
export const patternCountMax: number = 256

/** Characters of a pattern for an argument; with a longer one the settings are refused. */
export const patternLengthMax: number = 1024

/** Steps of a pattern, each repetition counted; with more the settings are refused. It bounds the time that one character takes. */
export const patternStepCountMax: number = 1024

/** Seconds of processor time that a command's settings may allow: what a limit of 32 bits can say. @see getrlimit(2) */
export const cpuSecondsLimitMax: number = 2 ** 31 - 1

/**
 * Arguments of one command that its settings may call secret; with more the settings are refused, and so is a catalogue. All are
 * told to the other side, whose log must hide them, too, so their number bounds an entry of a catalogue.
 */
export const secretArgsMax: number = 256

/** Commands in a catalogue: the first by name are told, and no more are taken; the rest can be called all the same. */
export const catalogueEntriesMax: number = 4096

/** Characters that are taken of a kind of command that a peer tells. */
export const commandKindLengthMax: number = 32

// ---- python-negotiator peers. ----

/**
 * What we send to a daemon of theirs fills whole blocks of so many bytes. It reads and writes its port through one C stream,
 * which takes in up to a block at a time and cannot seek back: two messages in one block end it at its first answer, and
 * openings that nobody reads pile up.
 */
export const classicBlockBytes: number = 4096

// ---- What may be asked of a daemon at once. ----

/**
 * What all guests send may take so long in one turn of the event loop, and what all local programs send, too; then they are
 * read one after another in later turns. Else two megabytes of one guest's garbage would stand before another's call.
 */
export const readTurnMs: number = 2

/** What a guest sends is taken in pieces of so many bytes: as Node reads them, for bulk data would suffer from more cuts. */
export const guestPieceBytes: number = 64 * 1024

/** Lists of commands that one caller may follow at once; the next is answered `busy`. Our daemons follow one. */
export const cataloguesPerCallerMax: number = 16

// ---- Metrics. ----

/** Connections to the metrics at once, and how long one may take to ask. */
export const metricsConnectionsMax: number = 16
export const metricsPatienceMs: number = 5_000

/** Metrics are read at most so often; whoever asks sooner gets the same text. Those of 1,000 guests take some 0.1 s, in pieces. */
export const metricsKeptMs: number = 1_000
