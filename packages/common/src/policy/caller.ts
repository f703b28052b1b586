/**
 * The two ends of a call as policy sees them. What a peer says about itself never comes in here: a guest's name and uuid
 * are what the driver says of its channel, a local user is what the kernel says of the control socket.
 * Floor 4.
 */

/** Who calls. */
export type Caller = { readonly kind: 'host' } | GuestEnd | LocalProgram

/** A guest of this host, named by the driver that found its channel, or by the host that relays its call. */
export interface GuestEnd {
  readonly kind: 'guest'
  readonly name: string
  readonly uuid?: string | undefined
}

/** A program of this machine, on the daemon's control socket. */
export interface LocalProgram {
  readonly kind: 'program'
  /** Absent where the kernel could not be asked: then it is nobody that a rule names, but still of this machine. */
  readonly user?: LocalUser | undefined
}

/** A user of this machine. @see unix(7), SO_PEERCRED and SO_PEERGROUPS */
export interface LocalUser {
  readonly userId: number
  /** `#1000` for a user without a name. */
  readonly userName: string
  /** The primary group first. */
  readonly groupNames: readonly string[]
  /** The same groups by number, for rules such as `group:1000`. */
  readonly groupIds?: readonly number[] | undefined
  readonly processId: number
}

/** Where a call shall run: `self` is the machine whose policy is asked. */
export type Target = { readonly kind: 'self' } | { readonly kind: 'host' } | GuestEnd

/** The name under which a command, the log and the audit know a caller. */
export function callerName(caller: Caller): string {
  switch (caller.kind) {
    case 'host':
      return 'host'
    case 'guest':
      return caller.name
    case 'program':
      return caller.user === undefined ? 'user:?' : `user:${caller.user.userName}`
  }
}
