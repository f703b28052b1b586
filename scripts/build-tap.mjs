// Builds tap's test class without its TypeScript plugin, after an install. `tap build` does the same, but it does it
// every time, two of them at once destroy each other's work, and none can mend what is then left: it needs it to start.
// This one works only when there is something to do, one at a time, and keeps a copy of what it found.

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { root } from './workspace.mjs'

const unwantedPlugin = '@tapjs/typescript'
/** A build takes about five seconds; a lock older than this was left by one that was killed. */
const lockAgeMaxMs = 60_000
const retryAfterMs = 200

const home = locateTestClass()
const dist = join(home, 'test-built/dist')
const spare = join(home, 'test-built-spare')
if (!isBuilt()) await withLock(join(home, 'build.lock'), buildUnlessBuilt)

function locateTestClass() {
  const fromTap = createRequire(createRequire(import.meta.url).resolve('tap/package.json'))
  return dirname(fromTap.resolve('@tapjs/test/package.json'))
}

function isBuilt() {
  return ['esm', 'commonjs'].every((kind) => {
    const built = join(dist, kind, 'index.js')
    return existsSync(built) && !readFileSync(built, 'utf8').includes(unwantedPlugin)
  })
}

async function withLock(lock, work) {
  while (!tryLock(lock)) await sleep(retryAfterMs)
  try {
    await work()
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}

function tryLock(lock) {
  try {
    mkdirSync(lock)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    const made = statSync(lock, { throwIfNoEntry: false })
    if (made !== undefined && Date.now() - made.mtimeMs > lockAgeMaxMs)
      rmSync(lock, { recursive: true, force: true })
    return false
  }
}

async function buildUnlessBuilt() {
  if (isBuilt()) return
  // A spare that is there already is from a build that was killed: what stands in dist/ may be half of it.
  if (!existsSync(spare)) cpSync(dist, spare, { recursive: true })
  else cpSync(spare, dist, { recursive: true })
  const { defaultPlugins } = await import(pathToFileURL(join(home, 'dist/esm/default-plugins.js')).href)
  const plugins = defaultPlugins.filter((name) => name !== unwantedPlugin)
  spawnSync(process.execPath, [join(home, 'dist/esm/build.mjs'), ...plugins], { cwd: root, stdio: 'inherit' })
  const isDone = isBuilt()
  if (!isDone) cpSync(spare, dist, { recursive: true })
  rmSync(spare, { recursive: true })
  if (isDone) return
  console.error('Cannot build the test class of tap; delete node_modules and install again')
  process.exitCode = 1
}
