/**
 * Definitions as Xend kept them: `config.sxp`, and what `xm list --long` printed.
 * Pure. Its state of the moment (`status`, `domid`, ...) is no part of a definition and passed over.
 */
import { asCount, asMebibytes, asText, asUuid } from './conversions.js'
import { DraftBuilder } from './draft.js'
import type { Draft, Field } from './draft.js'
import { parseSxp, SxpError } from './parse-sxp.js'
import type { Sxp } from './parse-sxp.js'
import { unreadable } from './plain.js'
import { takeDevice } from './sxp-devices.js'
import { entriesOf, textsIn } from './sxp-parts.js'

const fields: ReadonlyMap<string, Field> = new Map([
  ['uuid', { key: 'uuid', read: asUuid }],
  ['name', { key: 'name', read: asText }],
  ['memory', { key: 'memory', read: asMebibytes }],
  ['vcpus', { key: 'vcpus', read: asCount }],
  ['on_poweroff', { key: 'on_poweroff', read: asText }],
  ['on_reboot', { key: 'on_reboot', read: asText }],
  ['on_crash', { key: 'on_crash', read: asText }],
  ['on_xend_start', { key: 'on_daemon_start', read: asText }],
  ['on_xend_stop', { key: 'on_daemon_stop', read: asText }],
])

/** @throws {UsageError} `bad-definition`, with the line */
export function draftFromSxp(text: string, source: string): Draft {
  const [kind, ...members] = parsed(text, source)
  if (kind !== 'domain' && kind !== 'vm')
    throw unreadable(source, { form: 'SXP', reason: 'its list begins with neither "domain" nor "vm"' })
  const builder = new DraftBuilder()
  const disks: unknown[] = []
  const interfaces: unknown[] = []
  for (const { name, rest } of entriesOf(members)) {
    const field = fields.get(name)
    if (field !== undefined) takeField(builder, { name, rest, field })
    else if (name === 'image') takeImage(builder, rest)
    else if (name === 'device') takeDevice(builder, { rest, disks, interfaces })
    else builder.passOver(name)
  }
  builder.set('disks', disks)
  builder.set('interfaces', interfaces)
  return builder.draft()
}

function parsed(text: string, source: string): readonly Sxp[] {
  try {
    return parseSxp(text)
  } catch (cause) {
    if (!(cause instanceof SxpError)) throw cause
    throw unreadable(source, { form: 'SXP', reason: `line ${cause.line}: ${cause.message}`, cause })
  }
}

function takeField(
  builder: DraftBuilder,
  { name, rest, field }: { name: string; rest: readonly Sxp[]; field: Field },
): void {
  const [raw] = rest
  if (rest.length === 1 && typeof raw === 'string') builder.take({ path: `(${name})`, raw, ...field })
  else builder.fault({ path: `(${name})`, spoils: field.key, sentence: 'wanted one value' })
}

/** `(linux (kernel K) (ramdisk R) (root 'DEVICE ro') (args A))` has a kernel; `(hvm ...)` boots from its disk. */
function takeImage(builder: DraftBuilder, [image]: readonly Sxp[]): void {
  const [{ name, rest } = { name: '', rest: [] }] = entriesOf(image === undefined ? [] : [image])
  if (name !== 'linux') return builder.passOver(`image ${name}`)
  const taken = ['kernel', 'ramdisk', 'root', 'args']
  const texts = textsIn(builder, { part: ['image', 'linux'], key: 'kernel', rest, taken })
  const root = texts.get('root') ?? ''
  const args = [root === '' ? '' : `root=${root}`, texts.get('args') ?? '']
  builder.set('kernel', {
    path: texts.get('kernel'),
    ...(texts.has('ramdisk') ? { initrd: texts.get('ramdisk') } : {}),
    args: args.filter((part) => part !== '').join(' '),
  })
}
