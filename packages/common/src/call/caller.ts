/**
 * Who calls. What a peer says about itself never comes in here: a name is what our side knows the channel by.
 * Floor 5.
 */

/** The caller of a call. */
export type Caller =
  /** The host that this guest runs on. */
  | { readonly kind: 'host' }
  /** A guest of this host, named by the driver that found its channel. */
  | { readonly kind: 'guest'; readonly name: string; readonly uuid?: string | undefined }

/** The name under which a command and the log know a caller. */
export function callerName(caller: Caller): string {
  return caller.kind === 'guest' ? caller.name : caller.kind
}
