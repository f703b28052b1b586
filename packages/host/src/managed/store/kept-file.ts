/**
 * The file that keeps one revision of a definition.
 * Pure. Its content is checked like any other: who edits it by hand is told what is wrong.
 */
import { parseJsonTable } from '../forms/plain.js'
import { badDefinition } from '../problem.js'
import type { Problem } from '../problem.js'
import { checkValues } from '../schema.js'
import type { DefinitionValues } from '../definition-values.js'

/** A revision of a guest's definition. */
export interface Revision {
  /** From 1 on; each change has the next one, an undo included. */
  readonly revision: number
  /** The revision that had this content first: its own, or the one that an undo brought back. */
  readonly origin: number
  readonly values: DefinitionValues
}

/** The text of its file. */
export function keptText({ revision, origin, values }: Revision): string {
  return `${JSON.stringify({ revision, origin, definition: values }, undefined, 2)}\n`
}

/**
 * Reads a file's text.
 * @param kept the `path` it comes from, and the `uuid` that its folder is called by
 * @throws {UsageError} `bad-definition`
 */
export function parseKept(text: string, { path, uuid }: { path: string; uuid: string }): Revision {
  const { revision, origin, definition, ...rest } = parseJsonTable(text, path)
  const problems: Problem[] = Object.keys(rest).map((key) => ({
    path: key,
    sentence: 'there is no such setting',
  }))
  for (const [key, value] of Object.entries({ revision, origin }))
    if (!isRevision(value)) problems.push({ path: key, sentence: 'it is no whole number from 1 on' })
  const checked = checkValues(asTable(definition))
  if ('problems' in checked) problems.push(...checked.problems)
  else if (checked.values.uuid !== uuid)
    problems.push({
      path: 'uuid',
      sentence: `it is "${checked.values.uuid}", wanted "${uuid}" as its folder`,
    })
  if ('problems' in checked || !isRevision(revision) || !isRevision(origin) || problems.length > 0)
    throw badDefinition(path, problems)
  return { revision, origin, values: checked.values }
}

function isRevision(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1
}

function asTable(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
