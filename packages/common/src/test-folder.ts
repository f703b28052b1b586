/**
 * A folder of its own for one test, and the small executables in it.
 * Floor 0, for tests. The paths are short, for sockets lie there too.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a test tells to clean up. */
export interface Teardown {
  teardown(action: () => unknown): void
}

/**
 * Makes a folder that only its owner may write to.
 * @returns its path; it is removed when the test is over
 */
export function testFolder(test: Teardown): string {
  const folder = mkdtempSync(join(tmpdir(), 'n-'))
  test.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/**
 * Writes an executable shell script.
 * @param command its `folder` and `name`, the `script` behind its first line, and its `mode` if it is not 0755
 * @returns its path
 */
export function writeCommand({ folder, name, script, mode = 0o755 }: TestCommand): string {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, mode)
  return path
}

interface TestCommand {
  readonly folder: string
  readonly name: string
  readonly script: string
  readonly mode?: number
}
