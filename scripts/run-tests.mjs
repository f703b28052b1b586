// Runs test files side by side, each as a program of its own that writes TAP; tap reads it, our reporter shows it.
// The command `tap` does the same, but loads its hooks for coverage and mocks, and source maps, into each file: three times
// the processor time. The line of a failure is one of dist; `node --enable-source-maps FILE` tells the one of src.
// Usage, in a package's folder: node run-tests.mjs FOLDER ENDING

import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { t as tap } from 'tap'
import Reporter from './reporter.mjs'
import { listFiles, programEnvironment, relativeToRoot } from './workspace.mjs'

/** Some start a hundred processes, on machines that do other things, too. */
const unitTimeoutSeconds = 120

const isMain = pathToFileURL(process.argv[1] ?? '').href === import.meta.url
if (isMain) await runUnitTests(process.argv[2], process.argv[3])

/**
 * Runs test files to their end; the process then exits with 1 if one failed. Once in a process, for tap has one root.
 *
 * @param {string[]} files paths from `cwd`
 * @param {{ cwd: string, jobs: number, timeoutSeconds: number }} options where they run, so many at once, and how long
 *   each may take
 */
export async function runTests(files, { cwd, jobs, timeoutSeconds }) {
  tap.register()
  tap.pipe(new Reporter()).pipe(process.stdout)
  tap.setTimeout(0)
  tap.jobs = jobs
  const env = { ...programEnvironment(), TAP_TIMEOUT: String(timeoutSeconds) }
  // tap puts its hooks into NODE_OPTIONS, for the file and all that the file starts: they are taken out again.
  const command = [`NODE_OPTIONS=${env.NODE_OPTIONS ?? ''}`, process.execPath]
  await Promise.all(
    files.map((file) => tap.spawn('env', [...command, file], { cwd, env, buffered: jobs > 1 }, file)),
  )
}

async function runUnitTests(folder, ending) {
  const files = listFiles(relativeToRoot(folder), ending).map((path) => join(folder, path))
  await runTests(files, {
    cwd: process.cwd(),
    jobs: availableParallelism(),
    timeoutSeconds: unitTimeoutSeconds,
  })
}
