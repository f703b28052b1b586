/**
 * From a file's text to a definition's values: its form is told, what it has no identity for gets one, and all faults come at once.
 * Pure, but that a new uuid is drawn from the system's source of randomness.
 */
import { createHash, randomUUID } from 'node:crypto'
import { isTable } from './forms/plain.js'
import { readDraft } from './forms/form.js'
import type { DefinitionText } from './forms/form.js'
import { badDefinition } from './problem.js'
import { checkValues } from './schema.js'
import type { DefinitionValues } from './definition-values.js'

/** A definition, and what its file says that has no place in it. */
export interface ReadDefinition {
  readonly values: DefinitionValues
  readonly passedOver: readonly string[]
}

/**
 * Reads a definition.
 * @throws {UsageError} `bad-definition`, with every fault in a line of its own
 */
export async function readDefinition(file: DefinitionText): Promise<ReadDefinition> {
  const { values, problems, passedOver } = await readDraft(file)
  const checked = checkValues(withIdentity(values))
  const spoilt = problems.flatMap(({ spoils }) => (spoils === undefined ? [] : [spoils]))
  const more =
    'problems' in checked
      ? checked.problems.filter(({ path }) => !spoilt.some((key) => path.startsWith(key)))
      : []
  const all = [...problems, ...more]
  if ('problems' in checked || all.length > 0) throw badDefinition(file.source, all)
  return { values: checked.values, passedOver }
}

/**
 * Checks values that come from no file.
 * @param source what they are called in sentences
 * @throws {UsageError} `bad-definition`
 */
export function checkedValues(values: DefinitionValues, source: string): DefinitionValues {
  const checked = checkValues({ ...values })
  if ('problems' in checked) throw badDefinition(source, checked.problems)
  return checked.values
}

/** A guest without a uuid gets one; each interface without an address one that follows from that, and so stays the same. */
function withIdentity(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { uuid = randomUUID(), interfaces } = values
  if (!Array.isArray(interfaces)) return { ...values, uuid }
  const addressed = interfaces.map((entry: unknown, index) =>
    isTable(entry) ? { mac: addressFor(`${String(uuid)} ${index}`), ...entry } : entry,
  )
  return { ...values, uuid, interfaces: addressed }
}

/** In the range of QEMU and libvirt. */
function addressFor(seed: string): string {
  const bytes = createHash('sha256').update(seed).digest().subarray(0, 3)
  return `52:54:00${[...bytes].map((byte) => `:${byte.toString(16).padStart(2, '0')}`).join('')}`
}
