// Deletes compiled files whose source is gone: tsc leaves them behind, and a test that was renamed or removed would
// go on running. It never touches dist/bundle, which is emptied by its own build.

import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const compiledEnding = /\.(?:js|d\.ts)(?:\.map)?$/

/** Deletes what lies in the package's dist/ without a source of the same name in its src/. */
export function prune(packageFolder) {
  const dist = join(packageFolder, 'dist')
  if (!existsSync(dist)) return
  for (const path of readdirSync(dist, { recursive: true })) {
    if (path.startsWith('bundle/') || !compiledEnding.test(path)) continue
    const source = join(packageFolder, 'src', path.replace(compiledEnding, '.ts'))
    if (!existsSync(source)) rmSync(join(dist, path))
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) prune(process.cwd())
