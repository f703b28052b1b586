// Bundles a compiled program into dist/bundle/ with esbuild: one process start then reads a few files instead
// of hundreds. What a program imports with `await import()` lands in a chunk of its own and costs nothing until used.
// A file that is started on its own, such as a worker, must be listed as one more entry.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

/** Some dependencies are CommonJS inside and call require(), which an ES module does not have. */
const requireBanner = "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);"

/**
 * Bundles compiled files of one package.
 *
 * @param {{ folder: string, entries: string[], external: string[] }} options the package's folder, its entries
 *   relative to that, and the packages left out because they bring native code
 */
export async function bundle({ folder, entries, external }) {
  const outdir = join(folder, 'dist/bundle')
  await rm(outdir, { recursive: true, force: true })
  await build({
    absWorkingDir: folder,
    entryPoints: entries,
    entryNames: '[name]',
    outdir,
    external,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // A third less to read at each start; names stay, so that a stack trace still tells where it was.
    minifyWhitespace: true,
    minifySyntax: true,
    banner: { js: requireBanner },
    logLevel: 'warning',
  })
}
