/**
 * A machine with a policy, for the tests of `policy`.
 * Floor 8, for tests.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { testShippedPolicy } from '../../policy/test-shipped-policy.js'
import { testFolder } from '../../test-folder.js'
import type { Teardown } from '../../test-folder.js'
import { testProgram } from '../test-program.js'
import type { ProgramRun } from '../test-program.js'

export interface PolicyMachine {
  readonly root: string
  readonly folder: string
  readonly write: (name: string, ...lines: readonly string[]) => string
  readonly run: (...args: readonly string[]) => Promise<ProgramRun>
}

interface PolicyMachineOptions {
  readonly side?: 'host' | 'guest'
  readonly hasShipped?: boolean
}

/** One with the shipped policy, unless that is left out, and files of its own. */
export function policyMachine(
  test: Teardown,
  { side = 'host', hasShipped = true }: PolicyMachineOptions = {},
): PolicyMachine {
  const root = testFolder(test)
  const folder = join(root, 'etc/negotiator/policy.d')
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  const shipped = hasShipped ? { shippedPolicy: testShippedPolicy(test, side) } : {}
  const write = (name: string, ...lines: readonly string[]): string => {
    writeFileSync(join(folder, name), `${lines.join('\n')}\n`, { mode: 0o644 })
    return join(folder, name)
  }
  return {
    root,
    folder,
    write,
    run: async (...args) => await testProgram({ side, root, ...shipped }, 'policy', ...args),
  }
}
