// `pnpm pack:all`: packs both programs, each in three ways, and what goes with them.
//   NAME-VERSION.tgz         for `npm install -g`, with nothing to fetch
//   NAME-VERSION.cjs         one file for Node 20 and later
//   NAME-VERSION-linux-ARCH  one executable, for machines without Node
//   packaging/               the files for supervisord, systemd and udev
// Usage: node scripts/pack.mjs [--out FOLDER] [--no-build]
// FOLDER is dist/ at the top of the tree unless told; without a build, what was built last is packed.

import { cp, mkdir, rm, stat } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { packExecutable } from './pack/executable.mjs'
import { packLicences } from './pack/licences.mjs'
import { packNpm } from './pack/npm-package.mjs'
import { packSingleFile } from './pack/single-file.mjs'
import { root, runProgram } from './workspace.mjs'

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(root, 'dist') },
    build: { type: 'boolean', default: true },
  },
  allowNegative: true,
})
const out = resolve(values.out)

if (!values.build || (await runProgram('turbo', ['run', 'build', '--output-logs=errors-only'])))
  await packAll()
else process.exitCode = 1

async function packAll() {
  await rm(out, { recursive: true, force: true })
  await mkdir(out, { recursive: true })
  await cp(join(root, 'packaging'), join(out, 'packaging'), { recursive: true })
  for (const side of ['host', 'guest']) {
    const single = await packSingleFile({ side, out })
    const licences = await packLicences({ inputs: single.inputs, out, side })
    const npm = await packNpm({ side, out, licences })
    const executable = await packExecutable({ side, out, carried: single.carried })
    for (const path of [npm, single.path, executable]) await tell(path)
  }
}

async function tell(path) {
  const { size } = await stat(path)
  console.log(`${relative(process.cwd(), path)}  ${(size / 1e6).toFixed(1)} MB`)
}
