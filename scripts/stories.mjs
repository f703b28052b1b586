// Runs the stories: the end-to-end tests of test/src/**/*.e2e.ts, compiled, in real virtual machines.
// They are never cached and never skipped: a machine that cannot run them is a failure that says what to install.
// Usage: node scripts/stories.mjs [PART OF A NAME...]

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { runTests } from './run-tests.mjs'
import { listFiles, root } from './workspace.mjs'

const jobs = 2
/** They take minutes, so they come first: whichever came last would run alone. */
const longest = [
  ...['debian-guest', 'apply-network', 'port', 'doctor', 'classic', 'bulk'],
  ...['calls', 'getting-started', 'system-changes', 'endurance', 'system'],
]
/** A story boots at least one machine, which takes tens of seconds where it is emulated, and minutes on a slow machine. */
const storyTimeoutSeconds = 1800

if (!(await runStories(process.argv.slice(2)))) process.exitCode = 1

/** @returns whether they could be started; one that fails then sets the exit code. */
async function runStories(nameParts) {
  const results = join(root, 'test/.tap/stories.tap')
  rmSync(results, { force: true })
  const isWanted = (path) => nameParts.length === 0 || nameParts.some((part) => path.includes(part))
  const stories = listFiles('test/dist', '.e2e.js').filter(isWanted).sort(byLength)
  if (stories.length === 0) {
    console.log(['No story in test/dist', ...nameParts].join(', none named like '))
    return nameParts.length === 0
  }
  if (!(await isMachineReady())) return false
  process.env.TAP_RESULTS_FILE = results
  const files = stories.map((path) => join('dist', path))
  await runTests(files, { cwd: join(root, 'test'), jobs, timeoutSeconds: storyTimeoutSeconds })
  return true
}

function byLength(one, other) {
  return placeOf(one) - placeOf(other)
}

function placeOf(path) {
  const place = longest.indexOf(path.replace('.e2e.js', ''))
  return place === -1 ? longest.length : place
}

async function isMachineReady() {
  try {
    const { ensurePrerequisites } = await import('../test/dist/machine/prerequisites.js')
    await ensurePrerequisites({ install: true, log: console.log })
    return true
  } catch (error) {
    console.error(`Cannot run the stories: ${error.message}`)
    return false
  }
}
