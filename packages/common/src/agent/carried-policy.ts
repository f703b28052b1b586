/**
 * The shipped policy of a program that is one file: it carries the text inside, and unpacks it when a daemon starts, for an
 * administrator reads a file.
 * Floor 7.
 */
import { join } from 'node:path'
import { sentenceOf } from '../errors.js'
import type { Log } from '../log.js'
import type { Config } from './config.js'
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
  const folder = join(config['state-folder'], 'shipped-policy', side)
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
