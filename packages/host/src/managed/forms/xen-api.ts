/**
 * Definitions as the Xen API's record of a VM, in JSON. Its disks and interfaces are records of their own, and not in it.
 * Pure.
 */
import { asCount, asMebibytesOrBytes, asText, asUuid, asXenApiAction } from './conversions.js'
import { DraftBuilder } from './draft.js'
import type { Draft, Field } from './draft.js'
import { parseJsonTable } from './plain.js'

/** By the API's key in lower case: it writes both `vcpus_number` and `VCPUs_number`. */
const fields: ReadonlyMap<string, Field> = new Map([
  ['uuid', { key: 'uuid', read: asUuid }],
  ['name_label', { key: 'name', read: asText }],
  ['vcpus_number', { key: 'vcpus', read: asCount }],
  ['memory_static_min', { key: 'memory', read: asMebibytesOrBytes }],
  ['actions_after_shutdown', { key: 'on_poweroff', read: asXenApiAction }],
  ['actions_after_reboot', { key: 'on_reboot', read: asXenApiAction }],
  ['actions_after_crash', { key: 'on_crash', read: asXenApiAction }],
])

const kernelFields: ReadonlyMap<string, string> = new Map([
  ['kernel_kernel', 'path'],
  ['kernel_initrd', 'initrd'],
  ['kernel_args', 'args'],
])

/** @throws {UsageError} `bad-definition` when it is no JSON */
export function draftFromXenApi(text: string, source: string): Draft {
  const builder = new DraftBuilder()
  const kernel = new Map<string, string>()
  for (const [path, value] of Object.entries(parseJsonTable(text, source))) {
    const field = fields.get(path.toLowerCase())
    const kernelKey = kernelFields.get(path.toLowerCase())
    // The API sends numbers as texts; some programs do not.
    const raw = typeof value === 'number' || typeof value === 'string' ? String(value) : JSON.stringify(value)
    if (field !== undefined) builder.take({ path, raw, ...field })
    else if (kernelKey === undefined) builder.passOver(path)
    else if (raw !== '') kernel.set(kernelKey, raw)
  }
  if (kernel.size > 0) builder.set('kernel', Object.fromEntries(kernel))
  return builder.draft()
}
