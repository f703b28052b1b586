/**
 * The numbers that bound XenStore, and OpenStack's agents over it: limits.ts goes on here.
 * Floor 6. Its daemons fix the first two, the rest is ours.
 */

/** Bytes of a message's payload, and characters of an absolute path; of more a daemon hangs up. @see xen/io/xs_wire.h */
export const xenStorePayloadBytesMax: number = 4096
export const xenStorePathBytesMax: number = 3072

/** How long a XenStore daemon may take to answer; it answers from memory. Beyond it the connection is given up. */
export const xenStoreAnswerMs: number = 10_000

/** How often a transaction, or a list in parts, is begun anew because somebody else changed what it is about. */
export const xenStoreRetryMax: number = 20

/** An answer that no host has fetched is removed after so long; OpenStack's own hosts wait 300 s at most and never remove one. */
export const xenStoreAnswerKeptMs: number = 600_000

/** Answers that nobody has fetched; of more the oldest is removed, for a domain's share of XenStore is some 1,000 nodes. */
export const xenStoreAnswersKeptMax: number = 256

/** Characters of a message to an OpenStack host: each may take six bytes, and a node holds 4096 with its path. */
export const openStackMessageLengthMax: number = 500

/** What its hosts wait for a network to be set up, and for other calls; an update has as long as they wait for an agent to be there. */
export const openStackNetworkMs: number = 60_000
export const openStackCallMs: number = 30_000
export const openStackUpdateMs: number = 300_000

/** How long a domain that has gone may take to be there again before a call that may be repeated ends. */
export const openStackRebootMs: number = 30_000

/** Bytes of a package that is fetched for `agentupdate`: a program with its runtime in it has some 100 MiB. */
export const openStackPackageBytesMax: number = 256 * 1024 * 1024
