/**
 * What the configuration says of one mounted dialect, once it was checked.
 * Floor 7.
 */

/** A `[[dialects]]` table. */
export interface MountSettings {
  /** A built-in dialect's name, or the path of a module. */
  readonly dialect: string
  /** A built-in exchange's name, or the path of a module. */
  readonly exchange: string
  /** On a guest: the name of the virtio port. */
  readonly channel?: string | undefined
  /** A socket; on a host with `{guest}` or `{uuid}` in it, for each guest has its own. */
  readonly path?: string | undefined
  /** For the dialect. */
  readonly options?: Readonly<Record<string, unknown>> | undefined
}
