/**
 * A store with a guest in it.
 * For tests.
 */
import { join } from 'node:path'
import { testFolder } from '@negotiator/common/testing'
import type { Teardown } from '@negotiator/common/testing'
import { checkValues } from '../schema.js'
import type { DefinitionValues } from '../definition-values.js'
import { testUuid, testValues } from '../test-definition.js'
import { GuestStore } from './guest-store.js'

/** @param more what it says besides, or instead */
export function valuesOf(more: Record<string, unknown> = {}): DefinitionValues {
  const checked = checkValues(testValues(more))
  if ('problems' in checked) throw new Error('it has problems')
  return checked.values
}

/** A store with web1 in it. */
export async function storeWithGuest(
  t: Teardown,
): Promise<{ store: GuestStore; folder: string; file: string }> {
  const folder = join(testFolder(t), 'guests')
  const store = new GuestStore(folder, () => new Date(0))
  await store.put({ values: valuesOf() })
  return { store, folder, file: join(folder, testUuid, 'definition.json') }
}
