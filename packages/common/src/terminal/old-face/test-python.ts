/**
 * What the machine's own Python says, where there is one: tables of expected values are checked against it, too.
 * Floor 8, for tests.
 */
import { spawnSync } from 'node:child_process'

/**
 * Runs a Python script.
 * @param script reads JSON from `sys.stdin` and prints JSON
 * @returns what it printed; `undefined` without python3
 * @throws {Error} when the script fails
 */
export function askPython(script: string, input: unknown): unknown {
  const { error, status, stdout, stderr } = spawnSync('python3', ['-c', script], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    env: { ...process.env, PYTHONIOENCODING: 'utf-8' },
  })
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') return undefined
  if (status !== 0) throw new Error(`python3 failed: ${stderr}`)
  return JSON.parse(stdout)
}
