/**
 * Real policy files for tests, and a store that watches them.
 * Floor 4, for tests.
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLog, silentLog } from '../log.js'
import type { Log } from '../log.js'
import { testFolder } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'
import { PolicyStore } from './load.js'
import type { PolicyStoreOptions } from './load.js'
import type { PolicyState } from './state.js'

/** A folder for policy files, which only its owner may write to. */
export function policyFolder(test: Teardown): string {
  const folder = join(testFolder(test), 'policy.d')
  mkdirSync(folder, { mode: 0o755 })
  return folder
}

/** Writes a policy file from its lines, whatever the umask; gives its path. */
export function writePolicy(path: string, ...lines: readonly string[]): string {
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''))
  chmodSync(path, 0o644)
  return path
}

/** Opens a store that is closed when the test is over. */
export async function openStore(
  test: Teardown,
  options: Partial<PolicyStoreOptions> & Pick<PolicyStoreOptions, 'folder'>,
): Promise<PolicyStore> {
  const store = await PolicyStore.open({ side: 'host', log: silentLog, ...options })
  test.teardown(async () => await store.close())
  return store
}

/** Makes a change and waits until the store tells of one. */
export async function stateAfter(store: PolicyStore, change: () => unknown): Promise<PolicyState> {
  const told = new Promise<PolicyState>((resolve) => {
    const unsubscribe = store.subscribe((state) => {
      unsubscribe()
      resolve(state)
    })
  })
  change()
  return await told
}

/** A log whose lines a test can read: the level, the sentence, and the facts behind it. */
export function recordedLog(): { readonly log: Log; readonly lines: readonly Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = []
  const write = (line: string): void => {
    const { time: _, ...rest } = JSON.parse(line) as Record<string, unknown>
    lines.push(rest)
  }
  return { log: createLog({ level: 'debug', format: 'json', write }), lines }
}
