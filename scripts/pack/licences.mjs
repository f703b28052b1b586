// Gathers the licences of what went into a bundle: each asks to be passed on with the code.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { root } from '../workspace.mjs'
import { findAddon } from './single-file.mjs'

/** Where Node's own licence may lie: beside it, or where Debian's packages put it. */
const nodeLicences = [join(dirname(process.execPath), '../LICENSE'), '/usr/share/doc/nodejs/LICENSE']
const nodeLicenceAddress = 'https://github.com/nodejs/node/blob/main/LICENSE\n'

/**
 * @param {{ inputs: string[], out: string, side: string }} options the sources of the bundle, from its package's folder
 * @returns {Promise<string>} the file with all of them; Node's, which goes into the executable, is in one beside it
 */
export async function packLicences({ inputs, out, side }) {
  const folder = join(out, 'licences')
  const path = join(folder, `negotiator-${side}.txt`)
  const packages = new Set(inputs.map((input) => packageOf(join(root, 'packages', side, input))))
  packages.add(packageOf(findAddon().koffi))
  if (side === 'guest') for (const name of packagesOfSystemCommands()) packages.add(name)
  packages.delete(undefined)
  const node = nodeLicences.find((file) => existsSync(file))
  await mkdir(folder, { recursive: true })
  await writeFile(path, [...packages].sort().map(describe).join('\n'))
  await writeFile(join(folder, 'node.txt'), node === undefined ? nodeLicenceAddress : readFileSync(node))
  return path
}

/** What is inside the system commands, which a guest ships. */
function packagesOfSystemCommands() {
  const home = join(root, 'packages/system')
  const inputs = JSON.parse(readFileSync(join(home, 'dist/inputs.json'), 'utf8'))
  return inputs.map((input) => packageOf(join(home, input)))
}

/** The folder of the package in node_modules that a file belongs to; undefined for our own. */
function packageOf(file) {
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]
}

function describe(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one))
  const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim()
  return `== ${name} ${version}: ${license}\n\n${text}\n`
}
