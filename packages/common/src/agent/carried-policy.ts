/**
 * The shipped policy of a program that is one file: it carries the text inside, and unpacks it when a daemon starts, for an
 * administrator reads a file.
 * Floor 7.
 */
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { sentenceOf } from '../errors.js'
import type { Log } from '../log.js'
import type { Config } from './config-settings.js'
import type { Side } from './paths.js'
import { sha256Of, unpackFiles } from './unpack.js'

interface UnpackPolicyOptions {
  readonly side: Side
  /** The policy's text. */
  readonly policy: string
  readonly config: Config
  readonly log: Log
}

/** The shipped policy's name, in whatever folder. */
export const shippedPolicyName = '90-default.policy'

/**
 * Unpacks it below the state folder.
 * @returns its path; `undefined` when that cannot be, which the log tells: what no file of the administrator allows is denied then
 */
export async function unpackPolicy({
  side,
  policy,
  config,
  log,
}: UnpackPolicyOptions): Promise<string | undefined> {
  const folder = folderOf(side, config)
  const file = { name: shippedPolicyName, content: () => policy, sha256: sha256Of(policy), mode: 0o644 }
  try {
    await unpackFiles({ folder, files: [file] })
    return join(folder, file.name)
  } catch (error) {
    log.error('Cannot unpack the shipped policy, so only what your own files allow is allowed', {
      reason: sentenceOf(error),
    })
    return undefined
  }
}

/**
 * The shipped policy for whoever only looks at it. The copy of a daemon is left as it is, since that is what is in force, and a
 * user who may unpack nothing can read it.
 * @returns its path; `undefined` when there is no copy and none can be made
 */
export async function findOrUnpackPolicy(options: UnpackPolicyOptions): Promise<string | undefined> {
  const path = join(folderOf(options.side, options.config), shippedPolicyName)
  const isThere = await lstat(path).then(
    () => true,
    () => false,
  )
  return isThere ? path : await unpackPolicy(options)
}

function folderOf(side: Side, config: Config): string {
  return join(config['state-folder'], 'shipped-policy', side)
}
