// Makes each system command one file, a module command with all that it needs inside, and puts it with its settings into dist/commands/,
// from where the packages of the programs take it.

import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { commandTable } from './dist/command-table.js'

const folder = import.meta.dirname
const target = join(folder, 'dist/commands')

await rm(target, { recursive: true, force: true })
await mkdir(target, { recursive: true })
const inputs = await Promise.all(
  Object.entries(commandTable).map(async ([name, file]) => await buildCommand(name, file)),
)
// For whoever packs them: what is inside has licences of its own.
await writeFile(join(folder, 'dist/inputs.json'), JSON.stringify([...new Set(inputs.flat())].sort()))

/** @returns the sources that went into it, from this folder */
async function buildCommand(name, file) {
  const contents = `import { command } from './dist/${file}.js'
import { asModule } from './dist/as-module.js'
export default asModule(command)`
  const { metafile } = await build({
    absWorkingDir: folder,
    stdin: { contents, resolveDir: folder, sourcefile: `${name}.js` },
    outfile: join(target, `${name}.mjs`),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // What it has for Node is CommonJS, which a module cannot hold; this is the same as modules.
    alias: { yaml: join(folder, 'node_modules/yaml/browser/dist/index.js') },
    // Names are kept, for the stack of an error in a log.
    minifyWhitespace: true,
    minifySyntax: true,
    metafile: true,
    logLevel: 'warning',
  })
  await copyFile(join(folder, 'commands', `${name}.toml`), join(target, `${name}.toml`))
  return Object.values(metafile.outputs).flatMap((output) => partsOf(output.inputs))
}

function partsOf(inputs) {
  return Object.keys(inputs).filter((input) => inputs[input].bytesInOutput > 0)
}
