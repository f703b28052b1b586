import type { AuditDetail } from '../policy/rule.js'
export function auditArguments({
  args,
  detail,
}: {
  args: readonly string[]
  detail: AuditDetail
  secretArgs: readonly number[]
}): { args?: readonly string[] } {
  return detail === 'full' ? { args } : {}
}
