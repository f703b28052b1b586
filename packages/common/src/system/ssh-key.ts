/**
 * What `ssh-key` answers: the keys of a user, or what became of them.
 * Floor 1. The command prints it with `--json`; the schemas check what a guest answered.
 */
import * as z from 'zod/mini'
import { textOrNull } from './values.js'

/** A key by which a user may log in. */
export interface SshKey {
  /** Such as `ssh-ed25519`. */
  readonly type: string
  /** As ssh-keygen prints it: `SHA256:` and 43 characters. */
  readonly fingerprint: string
  /** Empty when it has none. */
  readonly comment: string
  /** What stands before its type, such as `from="192.0.2.0/24"`; empty when nothing does. */
  readonly options: string
}

/** What `ssh-key list` answers. */
export interface SshKeys {
  readonly user: string
  readonly keys: readonly SshKey[]
}

/** What `ssh-key add` and `ssh-key remove` did, or would do. */
export interface SshKeyChange {
  readonly user: string
  readonly isChanged: boolean
  readonly isDryRun: boolean
  /** The added or removed keys' fingerprints. */
  readonly fingerprints: readonly string[]
  /** The name of the old file, beside the new one. */
  readonly backup: string | null
}

const user = z.string().check(z.minLength(1))
const fingerprint = z.string().check(z.regex(/^SHA256:[A-Za-z0-9+/]{43}$/))

export const sshKeysSchema: z.ZodMiniType<SshKeys> = z.strictObject({
  user,
  keys: z.array(
    z.strictObject({
      type: z.string().check(z.minLength(1)),
      fingerprint,
      comment: z.string(),
      options: z.string(),
    }),
  ),
})

export const sshKeyChangeSchema: z.ZodMiniType<SshKeyChange> = z.strictObject({
  user,
  isChanged: z.boolean(),
  isDryRun: z.boolean(),
  fingerprints: z.array(fingerprint),
  backup: textOrNull,
})
