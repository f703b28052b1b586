// Packs a program into one file of JavaScript. What must be a file on a disk, shipped commands and koffi's native half,
// is carried inside, and unpacked by the program when its daemon starts (packages/*/src/cli/single-file.ts).

import { createHash } from 'node:crypto'
import { chmod, readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { readVersion, root } from '../workspace.mjs'

/**
 * @param {{ side: string, out: string }} options which program, and the folder to put it into
 * @returns {Promise<{ path: string, inputs: string[], carried: string }>} the file, the sources that went into it, and
 *   the lines that start it, for other ways to pack it
 */
export async function packSingleFile({ side, out }) {
  const path = join(out, `negotiator-${side}-${readVersion(side)}.cjs`)
  const carried = await starter(side)
  // Not in this file's name: without an ending, as it is installed, Node takes it for CommonJS as well.
  const inputs = await bundleOne({ side, carried, path, banner: '#!/usr/bin/env node' })
  await chmod(path, 0o755)
  return { path, inputs, carried }
}

/**
 * Bundles the program with what it carries.
 *
 * @param {{ side: string, carried: string, path: string, banner?: string }} options `carried` as packSingleFile gives it
 */
export async function bundleOne({ side, carried, path, banner = '' }) {
  const { metafile } = await build({
    absWorkingDir: join(root, 'packages', side),
    stdin: { contents: carried, resolveDir: join(root, 'packages', side), sourcefile: 'starter.js' },
    outfile: path,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    // Its native half is carried instead.
    external: ['koffi'],
    // Names are kept, for the stack of an error in a log.
    minifyWhitespace: true,
    minifySyntax: true,
    banner: { js: banner },
    metafile: true,
    logLevel: 'warning',
  })
  return Object.keys(metafile.inputs)
}

async function starter(side) {
  const commands = await readCommands(join(root, 'packages', side, 'dist/commands'), [side, 'both'])
  return `import { runSingleFile } from './dist/cli/single-file.js'
void runSingleFile({ commands: ${JSON.stringify(commands)}, addon: ${await readAddon()} })
`
}

async function readCommands(home, folders) {
  const commands = {}
  for (const folder of folders) {
    commands[folder] = {}
    for (const name of (await readdir(join(home, folder)).catch(() => [])).sort())
      commands[folder][name] = await readFile(join(home, folder, name), 'utf8')
  }
  return commands
}

/** A function gives the bytes: V8 compiles it when it is called, and until then they are nothing but source text. */
async function readAddon() {
  const { path, platform, arch } = findAddon()
  const content = await readFile(path)
  const sha256 = createHash('sha256').update(content).digest('hex')
  const bytes = gzipSync(content, { level: 9 }).toString('base64')
  const [facts, text] = [{ platform, arch, sha256 }, bytes].map((value) => JSON.stringify(value))
  return `{ ...${facts}, bytes: () => ${text} }`
}

/** @returns {{ path: string, platform: string, arch: string, koffi: string }} koffi's native half for machines like this one, and where koffi lies */
export function findAddon() {
  const { platform, arch } = process
  const koffi = createRequire(join(root, 'packages/common/package.json')).resolve('koffi')
  const native = createRequire(koffi).resolve(`@koromix/koffi-${platform}-${arch}`)
  return { path: join(dirname(native), `${platform}_${arch}`, 'koffi.node'), platform, arch, koffi }
}
