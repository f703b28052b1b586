// The declarations of both npm packages, as somebody's compiler sees them.

import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'tap'
import { readImports } from '../imports.mjs'
import { root } from '../workspace.mjs'
import { stageTypes } from './types.mjs'

const run = promisify(execFile)

async function newFolder(t) {
  const folder = await mkdtemp(join(tmpdir(), 'ng-types-'))
  t.teardown(async () => await rm(folder, { recursive: true, force: true }))
  return folder
}

/** A workspace whose packages are built. @param files texts, by their paths below packages/ */
async function workspaceOf(t, files) {
  const packages = await newFolder(t)
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(packages, path)), { recursive: true })
    await writeFile(join(packages, path), text)
  }
  return packages
}

const doors = {
  exports: {
    '.': { types: './dist/index.d.ts' },
    './program': { types: './dist/program.d.ts' },
    './system': { types: './dist/system.d.ts' },
  },
}

test('stageTypes() makes a path of every door of another package, and of what that imports', async (t) => {
  const packages = await workspaceOf(t, {
    'host/dist/index.d.ts': `import type { A } from '@negotiator/common'
export type { B } from './inner/b.js'
export declare const c: import("@negotiator/common/system").C | A
//# sourceMappingURL=index.d.ts.map`,
    'host/dist/inner/b.d.ts': `export type { B } from '@negotiator/common/program'\n`,
    'host/dist/unused.d.ts': `import 'nowhere'\n`,
    'common/package.json': JSON.stringify(doors),
    'common/dist/index.d.ts': `import type { Socket } from 'node:net'\nexport type A = Socket\n`,
    'common/dist/program.d.ts': `import { Command } from 'commander'\nexport type B = Command\n`,
    'common/dist/system.d.ts': `export type C = 1\n`,
    'common/node_modules/commander/package.json': '{"types":"./typings/index.d.ts"}',
    'common/node_modules/commander/typings/index.d.ts': 'export declare class Command {}\n',
  })
  const folder = await newFolder(t)
  const staged = await stageTypes({ side: 'host', folder, packages })
  t.same(staged, [
    'dist/types/commander/typings/index.d.ts',
    'dist/types/common/index.d.ts',
    'dist/types/common/program.d.ts',
    'dist/types/common/system.d.ts',
    'dist/types/host/index.d.ts',
    'dist/types/host/inner/b.d.ts',
  ])
  const textOf = async (name) => await readFile(join(folder, 'dist/types', name), 'utf8')
  t.equal(
    await textOf('host/index.d.ts'),
    `import type { A } from '../common/index.js'
export type { B } from './inner/b.js'
export declare const c: import('../common/system.js').C | A`,
  )
  t.equal(await textOf('host/inner/b.d.ts'), `export type { B } from '../../common/program.js'\n`)
  t.equal(
    await textOf('common/program.d.ts'),
    `import { Command } from '../commander/typings/index.js'\nexport type B = Command\n`,
  )
})

test('stageTypes() refuses what nobody could resolve', async (t) => {
  for (const specifier of ['zod/mini', '@negotiator/common/other', '@negotiator/nobody', './gone.js']) {
    const packages = await workspaceOf(t, {
      'host/dist/index.d.ts': `import type { A } from '${specifier}'\n`,
      'common/package.json': JSON.stringify(doors),
    })
    const message = `Cannot pack the types of "host": index.d.ts imports "${specifier}", and its declarations are not there`
    await t.rejects(stageTypes({ side: 'host', folder: await newFolder(t), packages }), { message })
  }
})

/** What the declarations import that is neither beside them nor Node's. */
async function unresolvable(home, staged) {
  const texts = await Promise.all(staged.map(async (path) => await readFile(join(home, path), 'utf8')))
  const specifiers = texts.flatMap((text) => readImports(text).map(({ specifier }) => specifier))
  return specifiers.filter((specifier) => !/^(?:\.|node:)/.test(specifier))
}

/** What a user of the library writes; what is no call of theirs shall be told. */
const consumers = {
  host: `import { connect } from '@negotiator/host'
const host = await connect()
const { kind, stdout } = await host.run({ target: 'web1', command: 'os-info' })
console.log(kind, stdout.toString())
// @ts-expect-error A call needs a command.
await host.run({ target: 'web1' })
`,
  guest: `import { startGuestDaemon } from '@negotiator/guest'
// @ts-expect-error There is no such option.
await startGuestDaemon({ nowhere: 1 })
`,
}

for (const [side, program] of Object.entries(consumers))
  test(
    `a program that uses the ${side}'s npm package compiles, its declarations included`,
    { timeout: 120_000 },
    async (t) => {
      const folder = await newFolder(t)
      const home = join(folder, 'node_modules/@negotiator', side)
      const staged = await stageTypes({ side, folder: home })
      t.same(await unresolvable(home, staged), [])
      const exports = { '.': { types: `./dist/types/${side}/index.d.ts` } }
      await writeFile(join(home, 'package.json'), JSON.stringify({ name: side, type: 'module', exports }))
      // All that such a program brings along.
      await mkdir(join(folder, 'node_modules/@types'))
      await symlink(
        join(root, 'packages/common/node_modules/@types/node'),
        join(folder, 'node_modules/@types/node'),
      )
      await writeFile(join(folder, 'package.json'), '{"type":"module"}')
      await writeFile(join(folder, 'program.ts'), program)
      const options = [
        '--noEmit',
        '--strict',
        '--module',
        'nodenext',
        '--target',
        'es2023',
        '--types',
        'node',
      ]
      const compiled = run(join(root, 'node_modules/.bin/tsc'), [...options, 'program.ts'], { cwd: folder })
      t.equal(
        await compiled.then(
          () => '',
          ({ stdout }) => stdout,
        ),
        '',
      )
    },
  )
