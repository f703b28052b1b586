/**
 * What bounds local programs on the control socket, with each number's reason.
 * Floor 7.
 */

/**
 * Connections at once; the next is closed. A program has one for as long as it lives, and each takes some 50 KB. Root and the
 * daemon's own user are not bound by it, so that whoever shall mend this machine gets in.
 */
export const controlConnectionsMax: number = 512

/** Connections at once of one user; the next is closed. So one user cannot take them all. */
export const controlConnectionsPerUserMax: number = 128

/** A connection on which no session has begun for so long is closed; our own programs begin at once. */
export const controlOpeningPatienceMs: number = 15_000

/** Bytes that are not of our protocol on one connection; beyond them it is closed. A virtio port may carry such, a socket not. */
export const controlGarbageBytesMax: number = 64 * 1024

/** Lists (peers, commands, status) asked for at once on one connection; the next is answered `busy`. One may have 100 KB. */
export const controlListsMax: number = 64

/** What a local program sends is taken in pieces of so many bytes, so that a turn ends in time: some 200 of the smallest frames. */
export const controlPieceBytes: number = 8 * 1024

/** How long the name of a user or group is believed: rights that are taken away are gone after that. */
export const userNamesKeptMs: number = 5_000

/** So many answers about names are kept; beyond it they are looked up anew. */
export const userNamesKeptMax: number = 256

/** How long a directory service may take to tell a name; then the connection is closed, for a rule may deny that name. */
export const getentPatienceMs: number = 5_000

/** `getent` processes at once; a further user with an unknown name is not let in. */
export const getentCountMax: number = 16

/** Groups of one user; NFS has 16, the kernel 65536 and a user namespace lets anybody have them all. Beyond it: not let in. */
export const localGroupsMax: number = 1024
