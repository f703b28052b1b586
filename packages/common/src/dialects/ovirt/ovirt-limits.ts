/**
 * Every number that bounds something in oVirt's protocol, with its unit, its reason and what happens beyond it.
 * Floor 6. Times and the length of a line are those that oVirt's own agents and hosts keep; the rest is ours.
 */

/** Bytes of a message; VDSM drops what is longer up to the next newline, and so do we. */
export const ovirtLineBytesMax: number = 1024 * 1024

/** Levels of objects and lists in a message; the deepest that either side sends has four. */
export const ovirtDepthMax: number = 32

/** How often a guest tells what: that it lives, who is logged in, its CPUs, what is installed and its names, how full its disks are. */
export const ovirtHeartbeatMs: number = 5_000
export const ovirtUserMs: number = 10_000
export const ovirtCpusMs: number = 60_000
export const ovirtInventoryMs: number = 120_000
export const ovirtDisksMs: number = 300_000

/** Between these times a guest looks so often whether something has changed, and tells only that. */
export const ovirtChangesMs: number = 30_000

/** A command that shall tell a fact or do what the host wants is ended after so long. */
export const ovirtCommandMs: number = 30_000

/** Lifecycle hooks are ended after so long. A host waits 10 s and goes on then, but half a hook is worse than a late one. */
export const ovirtLifecycleMs: number = 60_000

/** What a host has asked a guest to do and what is not done yet; the next is answered "busy". */
export const ovirtOrdersMax: number = 16

/** Completions that wait until the host reads; the oldest are dropped, for a host waits 10 s for one. */
export const ovirtCompletionsMax: number = 64

/** Characters of a text that is a host's to pass on: a message at shutdown. */
export const ovirtNoticeLengthMax: number = 1_000

/** A guest that has said anything within so long is responsive. */
export const ovirtResponsiveMs: number = 120_000

/** How long a host waits for the end of lifecycle hooks, and for an answer to the rest: only our own guests give one. */
export const ovirtCompletionMs: number = 10_000
export const ovirtConfirmationMs: number = 2_000

/** What a host keeps of one guest's lists and texts: the rest is cut off, so that all that it told is never more than some MB. */
export const ovirtEntriesMax: number = 2_048
export const ovirtTextLengthMax: number = 512

/**
 * Bytes of messages that a host reads of one guest in a minute; more are dropped unread. A guest with much to tell sends half a
 * megabyte when it begins, and a tenth of that a minute. Each message counts so many bytes at least.
 */
export const ovirtBytesPerMinute: number = 4 * 1024 * 1024
export const ovirtMessageBytesMin: number = 1_024

/** Seconds that a shutdown may be put off, a week as `power` has it; beyond it the call is refused. */
export const ovirtDelaySecondsMax: number = 604_800
