/**
 * The shipped policy as a file of a test's own: a checkout may be writable for others, and such a file is refused.
 * Floor 4, for tests.
 */
import { chmodSync, cpSync } from 'node:fs'
import { join } from 'node:path'
import { testFolder } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'

const repository = join(import.meta.dirname, '../../../..')

/** @returns the path of one side's shipped policy */
export function testShippedPolicy(test: Teardown, side: 'host' | 'guest'): string {
  const path = join(testFolder(test), '90-default.policy')
  cpSync(join(repository, 'policy', side, '90-default.policy'), path)
  chmodSync(path, 0o644)
  return path
}
