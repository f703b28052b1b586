// Reads the result file that tap leaves behind: how many test files ran, and how their asserts ended.

import { readFileSync } from 'node:fs'

/**
 * Sums up one result file.
 *
 * @param {string} path a file written by `tap -o`
 * @returns {{ files: number, passed: number, failed: number, skipped: number } | undefined} undefined when there is
 *   no such file, or when tap did not live to write its closing line
 */
export function readTapResults(path) {
  const text = readIfThere(path)
  const closing = text?.match(/^# \{ .* \}$/gm)?.at(-1)
  if (closing === undefined) return undefined
  const count = (name) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(closing)?.[1] ?? 0)
  return {
    files: text.match(/^(?:not )?ok \d+ - /gm)?.length ?? 0,
    passed: count('pass'),
    failed: count('fail'),
    skipped: count('skip') + count('todo'),
  }
}

function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}
