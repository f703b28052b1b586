/**
 * What the audit log tells of a call's arguments.
 * Floor 5. Pure.
 */
import { createHash } from 'node:crypto'
import type { AuditDetail } from '../policy/rule.js'
import type { AuditRecord } from './audit.js'

/** What stands in place of a secret. */
const mask = '***'

/**
 * The arguments, or their hash, or nothing.
 * @param call `secretArgs`: positions that the command's settings call secret, from 1 on. The hash is SHA-256, in
 *   hexadecimal, over the arguments as JSON with the secrets masked: a short secret could be guessed from its hash
 */
export function auditArguments({
  args,
  detail,
  secretArgs,
}: {
  readonly args: readonly string[]
  readonly detail: AuditDetail
  readonly secretArgs: readonly number[]
}): Pick<AuditRecord, 'args' | 'argsHash'> {
  if (detail === 'none') return {}
  const masked = args.map((argument, index) => (secretArgs.includes(index + 1) ? mask : argument))
  if (detail === 'full') return { args: masked }
  return { argsHash: createHash('sha256').update(JSON.stringify(masked)).digest('hex') }
}
