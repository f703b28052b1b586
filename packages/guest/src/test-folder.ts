/**
 * A folder of its own for one test.
 * For tests. Its path is short, for sockets lie there too.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Makes a folder; it is removed when the test is over. */
export function testFolder(test: { teardown(action: () => unknown): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'n-'))
  test.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
