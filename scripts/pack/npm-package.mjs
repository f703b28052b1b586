// Packs a program as an npm package that needs nothing else: bundle, commands, types and koffi's native half are in it,
// and no dependency is left to fetch, nor any script to run at its installation.

import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { readVersion, root } from '../workspace.mjs'
import { findAddon } from './single-file.mjs'
import { stageTypes } from './types.mjs'

const run = promisify(execFile)

/** From the top of the tree into the package. */
const documents = ['README.md', 'LICENSE', 'CHANGELOG.md', 'PROTOCOL.md', 'docs', 'commands/README.md']

/**
 * @param {{ side: string, out: string, licences: string }} options which program, the folder to put it into, and the
 *   file with the licences of what is bundled
 * @returns {Promise<string>} the archive
 */
export async function packNpm({ side, out, licences }) {
  const work = await mkdtemp(join(tmpdir(), 'negotiator-pack-'))
  try {
    const folder = join(work, 'package')
    await stage({ side, folder, licences })
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', work], {
      cwd: folder,
      env: { ...process.env, npm_config_loglevel: 'error' },
    })
    const path = join(out, `negotiator-${side}-${readVersion(side)}.tgz`)
    const [{ filename }] = JSON.parse(stdout)
    await cp(join(work, filename.replace('@', '').replace('/', '-')), path)
    return path
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function stage({ side, folder, licences }) {
  const home = join(root, 'packages', side)
  const copy = async (from, to) => await cp(from, join(folder, to), { recursive: true })
  await mkdir(folder)
  for (const part of ['bin', 'dist/bundle', 'dist/commands', 'dist/policy'])
    await copy(join(home, part), part)
  await stageTypes({ side, folder })
  for (const document of documents) await copy(join(root, document), document)
  await copy(licences, 'THIRD-PARTY-LICENCES.txt')
  await copy(join(root, 'packaging'), 'packaging')
  const { path, platform, arch } = findAddon()
  await copy(path, `dist/native/koffi-${platform}-${arch}.node`)
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(await description(side), null, 2)}\n`)
}

/** The workspace's description, without what is bundled and what only the workspace needs. */
async function description(side) {
  const described = JSON.parse(await readFile(join(root, 'packages', side, 'package.json'), 'utf8'))
  const { name, version, license, type, bin, engines } = described
  const door = { types: `./dist/types/${side}/index.d.ts`, default: './dist/bundle/index.js' }
  const files = ['bin', 'dist', 'packaging', 'docs', 'commands', '*.md', '*.txt']
  return {
    name,
    version,
    description: described.description,
    license,
    type,
    bin,
    exports: { '.': door },
    files,
    os: ['linux'],
    engines,
  }
}
