// Packs a program into one executable: Node itself with the program inside. For machines without Node, or with one that
// is too old. It runs on Linux with this machine's processor and a C library not older than Node's own needs.

import { chmod, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inject } from 'postject'
import { bundleOne } from './single-file.mjs'
import { readVersion } from '../workspace.mjs'

const run = promisify(execFile)

/** Node looks for it in itself; see https://nodejs.org/docs/latest-v20.x/api/single-executable-applications.html */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

/**
 * @param {{ side: string, out: string, carried: string }} options which program, the folder to put it into, and what
 *   packSingleFile gave
 * @returns {Promise<string>} the executable
 */
export async function packExecutable({ side, out, carried }) {
  const path = join(out, `negotiator-${side}-${readVersion(side)}-${process.platform}-${process.arch}`)
  const work = await mkdtemp(join(tmpdir(), 'negotiator-pack-'))
  try {
    const blob = await makeBlob({ side, carried, work })
    await copyFile(process.execPath, path)
    await chmod(path, 0o755)
    // Before the program is put in: strip would throw it out. It saves a tenth; where there is none it stays so big.
    await run('strip', [path]).catch(() => undefined)
    await quietly(() => inject(path, 'NODE_SEA_BLOB', blob, { sentinelFuse: fuse }))
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return path
}

async function makeBlob({ side, carried, work }) {
  const [main, output, config] = ['main.cjs', 'blob', 'config.json'].map((name) => join(work, name))
  await bundleOne({ side, carried, path: main })
  // The code cache saves a third of the start.
  const settings = { main, output, disableExperimentalSEAWarning: true, useCodeCache: true }
  await writeFile(config, JSON.stringify(settings))
  await run(process.execPath, ['--experimental-sea-config', config])
  return await readFile(output)
}

/** postject's ELF library warns of a section that every Node has. */
async function quietly(action) {
  const { warn, log } = console
  Object.assign(console, { warn: () => undefined, log: () => undefined })
  try {
    return await action()
  } finally {
    Object.assign(console, { warn, log })
  }
}
