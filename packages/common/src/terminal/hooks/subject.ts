/**
 * What a phase is about, as somebody types it.
 * Floor 8. Pure.
 */
import { parseUuid } from '../../discovery/uuid.js'
import { UsageError } from '../../errors.js'
import type { Subject } from '../../hooks/outcome.js'
import { escapeControl } from '../../log.js'

/** @throws {UsageError} `bad-subject` */
export function subjectFrom({
  guest,
  subject,
}: {
  readonly guest?: string
  readonly subject?: string
}): Subject {
  const given = subject === undefined ? {} : objectFrom(subject)
  return guest === undefined ? given : { ...given, guest: guestFrom(guest) }
}

function objectFrom(text: string): Readonly<Record<string, unknown>> {
  const value = parsed(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value) || 'guest' in value)
    throw bad(text, `wanted a JSON object such as {"reason": "test"}; the guest is named by --guest`)
  return { ...value }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function guestFrom(text: string): Subject['guest'] {
  const [, name = '', id] = /^(.*?)(?:,uuid:(.*))?$/s.exec(text) ?? []
  const uuid = id === undefined ? undefined : parseUuid(id)
  if (name === '' || (id !== undefined && uuid === undefined))
    throw bad(text, 'wanted a guest\'s name, or "NAME,uuid:UUID"')
  return { name, uuid }
}

function bad(text: string, wanted: string): UsageError {
  return new UsageError(`Cannot use "${escapeControl(text)}": ${wanted}`, { code: 'bad-subject' })
}
