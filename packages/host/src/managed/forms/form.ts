/**
 * The forms that a definition may have, and which of them a text has: told by its content, which is never executed.
 * Pure.
 */
import { UsageError } from '@negotiator/common'
import type { Draft } from './draft.js'

/** The forms, as `--format` names them. */
export const forms = ['toml', 'json', 'xml', 'sxp', 'xen-api'] as const

export type Form = (typeof forms)[number]

/** A file with a definition. */
export interface DefinitionText {
  readonly text: string
  /** What it is called in sentences. */
  readonly source: string
  /** Told by the content unless given. */
  readonly form?: Form | undefined
}

/** More than any definition has; a disk image that is given by mistake is not read. */
export const definitionBytesMax: number = 2 ** 20

/**
 * Reads a definition in any form.
 * @throws {UsageError} `bad-definition` when the text is of no form; what is wrong within it is in the draft
 */
export async function readDraft({ text, source, form = formOf(text) }: DefinitionText): Promise<Draft> {
  // Each loads its parser only when it is wanted.
  switch (form) {
    case 'toml':
      return (await import('./plain.js')).draftFromToml(text, source)
    case 'json':
      return (await import('./plain.js')).draftFromJson(text, source)
    case 'xen-api':
      return (await import('./xen-api.js')).draftFromXenApi(text, source)
    case 'sxp':
      return (await import('./sxp.js')).draftFromSxp(text, source)
    case 'xml':
      return (await import('./libvirt-xml.js')).draftFromXml(text, source)
  }
}

/** @throws {UsageError} `bad-option` */
export function formNamed(name: string): Form {
  const form = forms.find((known) => known === name)
  if (form !== undefined) return form
  throw new UsageError(`Cannot use "${name}" as a format: wanted one of ${forms.join(', ')}`, {
    code: 'bad-option',
  })
}

/** By the first sign that is no blank and in no comment; what is nothing else is read as TOML, and found wanting there. */
export function formOf(text: string): Form {
  const content = text.replace(/^\uFEFF?(?:\s+|#[^\n]*(?:\n|$))*/, '')
  if (content.startsWith('(')) return 'sxp'
  if (content.startsWith('<')) return 'xml'
  if (!content.startsWith('{')) return 'toml'
  return /"(?:name_label|vcpus_number|memory_static_m(?:in|ax))"\s*:/i.test(content) ? 'xen-api' : 'json'
}
