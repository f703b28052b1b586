// What the scripts share: the tree's top, its files, and a way to run a program of the workspace to its end.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, join, relative } from 'node:path'

/** The top of the work tree. */
export const root = join(import.meta.dirname, '..')

/**
 * Runs a program of node_modules/.bin, or node itself, to its end.
 *
 * @param {string} program its name
 * @param {string[]} args its arguments
 * @param {{ cwd?: string, environment?: Record<string, string> }} options where it runs, the top of the work tree
 *   unless told, and what to add to its environment
 * @returns {Promise<boolean>} whether it exited with 0
 */
export async function runProgram(program, args, { cwd = root, environment = {} } = {}) {
  const child = spawn(program, args, {
    cwd,
    env: { ...programEnvironment(), ...environment },
    stdio: 'inherit',
  })
  const [code] = await once(child, 'close')
  return code === 0
}

/**
 * Lists the files below a folder whose names end so, sorted.
 *
 * @param {string} folder a path from the top of the work tree; it may be missing
 * @param {string} ending such as `.test.ts`
 * @returns {string[]} paths from that folder
 */
export function listFiles(folder, ending) {
  const path = join(root, folder)
  if (!existsSync(path)) return []
  return readdirSync(path, { recursive: true })
    .filter((inside) => inside.endsWith(ending))
    .sort()
}

/** @returns {string} a path of the work tree, given from the current folder, as one from the top */
export function relativeToRoot(path) {
  return relative(root, path)
}

/** @returns {string} the version of a package, by its folder's name in packages/ */
export function readVersion(name) {
  return JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')).version
}

/** @returns {Record<string, string>} the environment for a program of the workspace */
export function programEnvironment() {
  const path = [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter)
  const environment = { ...process.env, PATH: path, TURBO_TELEMETRY_DISABLED: '1' }
  // Node 20 parses these certificates at every start, which would double what a short-lived process costs.
  delete environment.NODE_EXTRA_CA_CERTS
  return environment
}
