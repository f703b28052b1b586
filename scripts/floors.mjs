// Holds the sources to the plan of the building: who may import whom, no cycles, no file too long.
// Prints one line per violation and exits 1 if there is any. The plan is `floors` and `mayImport` below.
// Usage: node scripts/floors.mjs [FOLDER]

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readImports } from './imports.mjs'

/** The folders of packages/common/src by floor. Those on one floor are blind to each other; files at its root are floor 0. */
const floors = [
  [''],
  ['channel', 'discovery', 'native', 'system'],
  ['wire'],
  ['session'],
  ['policy', 'registry', 'process'],
  ['call', 'hooks'],
  ['dialects'],
  ['agent', 'control'],
  ['terminal', 'doctor', 'metrics'],
]

/** Which packages a package may import. */
const mayImport = {
  common: [],
  system: ['common'],
  host: ['common'],
  guest: ['common'],
  test: ['common', 'system', 'host', 'guest'],
}

/** The packages that have a second door, for tests. */
const withTesting = ['common', 'host']

/** The doors of packages/common: they may open onto everything, and nothing inside may go through them. */
const doors = ['index.ts', 'program.ts', 'system.ts', 'testing.ts']

/** Those beside the index that other packages may go through: what is behind each would make the index heavier for everybody. */
const openDoors = ['/program', '/system']

const warnAboveLines = 250
const failAboveLines = 400

/**
 * Checks the packages below a folder.
 *
 * @param {string} root the top of the work tree
 * @returns {{ fileCount: number, violations: string[], warnings: string[] }} lines ready to print
 */
export function checkTree(root) {
  const files = Object.keys(mayImport).flatMap((name) => readPackage(root, name))
  const imports = files.flatMap((file) => file.imports.map((found) => ({ file, ...found })))
  const refused = imports.flatMap(({ file, line, specifier, target }) => {
    const reason = target === undefined ? refuseByName(file, specifier) : refuseByPath(file, target)
    return reason === undefined ? [] : [`${file.path}:${line} imports ${specifier}: ${reason}`]
  })
  const tooLong = files.filter((file) => file.lineCount > failAboveLines)
  const long = files.filter((file) => file.lineCount > warnAboveLines && file.lineCount <= failAboveLines)
  return {
    fileCount: files.length,
    violations: [
      ...refused,
      ...findCycles(files),
      ...tooLong.map(
        ({ path, lineCount }) => `${path}: ${lineCount} lines, ${failAboveLines} at most (split it)`,
      ),
    ],
    warnings: long.map(({ path, lineCount }) => `${path}: ${lineCount} lines: has a second idea moved in?`),
  }
}

function readPackage(root, packageName) {
  const home = packageName === 'test' ? 'test/src' : `packages/${packageName}/src`
  if (!existsSync(join(root, home))) return []
  return readdirSync(join(root, home), { recursive: true })
    .filter((inside) => inside.endsWith('.ts'))
    .sort()
    .map((inside) => readSource({ root, home, packageName, inside }))
}

function readSource({ root, home, packageName, inside }) {
  const path = join(home, inside)
  const text = readFileSync(join(root, path), 'utf8')
  const imports = readImports(text).map((found) => ({ ...found, target: resolve(path, found.specifier) }))
  return { path, home, packageName, inside, imports, lineCount: text.trimEnd().split('\n').length }
}

/** The source behind a relative specifier, as a path from the root; undefined for a package's name. */
function resolve(from, specifier) {
  if (!specifier.startsWith('.')) return undefined
  return join(dirname(from), specifier).replace(/\.js$/, '.ts')
}

/** Tests, what helps them and contract suites may look everywhere in their package; the package of the stories is all test. */
function isTest(path) {
  const name = basename(path)
  return path.startsWith('test/') || /\.(?:test|e2e)\.ts$/.test(name) || /^(?:check|test)-/.test(name)
}

function refuseByName({ packageName, path }, specifier) {
  const [, wanted, inner] = /^@negotiator\/([^/]+)(\/.*)?$/.exec(specifier) ?? []
  if (wanted === undefined) return undefined
  if (!mayImport[packageName].includes(wanted)) {
    return `${packageName} may not import ${wanted} (host and guest meet on the wire only, common knows neither)`
  }
  if (inner === undefined || (wanted === 'common' && openDoors.includes(inner))) return undefined
  if (!withTesting.includes(wanted) || inner !== '/testing')
    return `${wanted} is imported by its index only (no insides)`
  return isTest(path) ? undefined : 'only tests may import what is for testing (use the index)'
}

function refuseByPath(file, target) {
  if (!target.startsWith(`${file.home}/`)) return `the import leaves the package (name the package instead)`
  if (isTest(file.path) || (file.packageName === 'common' && doors.includes(file.inside))) return undefined
  if (withTesting.includes(file.packageName) && file.inside === 'testing.ts') return undefined
  if (isTest(target)) return 'only tests may import tests and contract suites'
  return file.packageName === 'common' ? refuseByFloor(file, target.slice(file.home.length + 1)) : undefined
}

function refuseByFloor({ inside }, targetInside) {
  if (doors.includes(targetInside)) return 'the doors are for other packages (import the file itself)'
  const [from, to] = [folderOf(inside), folderOf(targetInside)]
  if (from === to) return undefined
  const [own, wanted] = [floorOf(from), floorOf(to)]
  if (own < 0 || wanted < 0)
    return `folder ${own < 0 ? from : to} stands on no floor (give it one in scripts/floors.mjs)`
  if (wanted < own) return undefined
  const rule = wanted === own ? `${from} and ${to} are blind to each other` : 'imports go down only'
  return `floor ${own} may not import floor ${wanted} (${rule})`
}

function folderOf(inside) {
  return inside.includes('/') ? inside.slice(0, inside.indexOf('/')) : ''
}

function floorOf(folder) {
  return floors.findIndex((names) => names.includes(folder))
}

/** One line for each import that closes a circle, found by walking down from every file once. */
function findCycles(files) {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const done = new Set()
  const cycles = []
  const walk = (file, trail) => {
    if (done.has(file.path)) return
    for (const { line, specifier, target } of file.imports) {
      const start = target === file.path ? trail.length : trail.indexOf(target)
      const next = byPath.get(target)
      if (start >= 0) {
        const circle = [...trail.slice(start), file.path, target].join(' > ')
        cycles.push(`${file.path}:${line} imports ${specifier}: import cycle (${circle})`)
      } else if (next !== undefined) walk(next, [...trail, file.path])
    }
    done.add(file.path)
  }
  for (const file of files) walk(file, [])
  return cycles
}

function main() {
  const { fileCount, violations, warnings } = checkTree(process.argv[2] ?? join(import.meta.dirname, '..'))
  for (const warning of warnings) console.log(`warning: ${warning}`)
  for (const violation of violations) console.log(violation)
  console.log(`${fileCount} files, ${violations.length} violations, ${warnings.length} warnings`)
  process.exitCode = violations.length > 0 ? 1 : 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
