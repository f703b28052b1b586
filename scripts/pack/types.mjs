// Gathers the type declarations of an npm package: what its door leads to, ours and other packages', side by side. In the package nobody
// finds the others by their names, so each name becomes a path; what is left to resolve are Node's own modules.

import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { readImports } from '../imports.mjs'
import { root } from '../workspace.mjs'

const ours = '@negotiator/'

/**
 * @param {{ side: string, folder: string, packages?: string }} options which program, the npm package's folder, and
 *   where the workspace's packages are, built
 * @returns {Promise<string[]>} the declarations, from that folder; the package's door is `dist/types/SIDE/index.d.ts`
 * @throws when a declaration imports what cannot be found
 */
export async function stageTypes({ side, folder, packages = join(root, 'packages') }) {
  const staged = new Map()
  const waiting = [{ home: join(packages, side, 'dist'), name: side, inside: 'index.d.ts' }]
  for (const one of waiting) {
    const target = targetOf(one)
    if (staged.has(target)) continue
    const text = await readFile(join(one.home, one.inside), 'utf8')
    const imports = await findImports({ one, text, packages })
    staged.set(target, pointed({ text, target, imports }))
    waiting.push(...imports.map(({ found }) => found))
  }
  for (const [target, text] of staged) {
    await mkdir(dirname(join(folder, target)), { recursive: true })
    await writeFile(join(folder, target), text)
  }
  return [...staged.keys()].sort()
}

/** Where a declaration goes. */
function targetOf({ name, inside }) {
  return join('dist/types', name, inside)
}

async function findImports({ one, text, packages }) {
  const specifiers = [...new Set(readImports(text).map(({ specifier }) => specifier))]
  const wanted = specifiers.filter((specifier) => !specifier.startsWith('node:'))
  return await Promise.all(
    wanted.map(async (specifier) => ({ specifier, found: await find({ specifier, one, packages }) })),
  )
}

async function find({ specifier, one, packages }) {
  const found = specifier.startsWith('.')
    ? { ...one, inside: declarationOf(join(dirname(one.inside), specifier)) }
    : specifier.startsWith(ours)
      ? await findOurs(specifier.slice(ours.length), packages)
      : await findOther(specifier, packages)
  if (found !== undefined && existsSync(join(found.home, found.inside))) return found
  throw new Error(
    `Cannot pack the types of "${one.name}": ${one.inside} imports "${specifier}", and its declarations are not there`,
  )
}

/** By the door that the package's description names, such as `common/system`. */
async function findOurs(path, packages) {
  const [name, ...door] = path.split('/')
  const { exports } = await describe(join(packages, name))
  const types = exports?.[['.', ...door].join('/')]?.types
  return types === undefined
    ? undefined
    : { home: join(packages, name, 'dist'), name, inside: relative('dist', types) }
}

/** Another package, which packages/common depends on: what we pack bundles it. */
async function findOther(name, packages) {
  const home = join(packages, 'common/node_modules', name)
  const { types } = await describe(home)
  return types === undefined ? undefined : { home, name, inside: join(types) }
}

async function describe(home) {
  const path = join(home, 'package.json')
  return existsSync(path) ? JSON.parse(await readFile(path, 'utf8')) : {}
}

/** Paths for names, and no source map, which is not there. */
function pointed({ text, target, imports }) {
  const named = imports.filter(({ specifier }) => !specifier.startsWith('.'))
  return named
    .reduce((before, { specifier, found }) => {
      const path = relative(dirname(target), targetOf(found)).replace(/\.d\.ts$/, '.js')
      const pointer = path.startsWith('.') ? path : `./${path}`
      return before.replaceAll(`'${specifier}'`, `'${pointer}'`).replaceAll(`"${specifier}"`, `'${pointer}'`)
    }, text)
    .replace(/\n\/\/# sourceMappingURL=.*/, '')
}

function declarationOf(path) {
  return path.replace(/\.js$/, '.d.ts')
}
