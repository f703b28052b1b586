// The floors check against small trees made for one rule each.

import { test } from 'tap'
import { checkTree } from './floors.mjs'
import { readImports } from './imports.mjs'

/** Runs the check on a tree that holds only these sources, given by their paths. */
function check(t, sources) {
  const tree = {}
  for (const [path, text] of Object.entries(sources)) {
    const parts = path.split('/')
    const name = parts.pop()
    const folder = parts.reduce((inner, part) => (inner[part] ??= {}), tree)
    folder[name] = text
  }
  return checkTree(t.testdir(tree))
}

test('checkTree() lets a file import lower floors and its own folder', async (t) => {
  const { violations, fileCount } = check(t, {
    'packages/common/src/limits.ts': `import type { Clock } from './clock.js'\n`,
    'packages/common/src/clock.ts': `export interface Clock {}\n`,
    'packages/common/src/session/session.ts': `import { a } from '../wire/frame.js'\nimport { b } from './credit.js'\n`,
    'packages/common/src/session/credit.ts': `import { c } from '../limits.js'\n`,
    'packages/common/src/wire/frame.ts': `import { readFile } from 'node:fs/promises'\n`,
    'packages/common/src/dialects/classic/classic.ts': `import { d } from '../dialect.js'\n`,
    'packages/common/src/dialects/dialect.ts': ``,
  })
  t.strictSame(violations, [])
  t.equal(fileCount, 7)
})

test('checkTree() names line, import, both floors and the rule when an import goes up', async (t) => {
  const { violations } = check(t, {
    'packages/common/src/session/session.ts': `// why\n\nimport type {\n  Call,\n} from '../call/call.js'\n`,
    'packages/common/src/call/call.ts': ``,
  })
  t.strictSame(violations, [
    'packages/common/src/session/session.ts:3 imports ../call/call.js: floor 3 may not import floor 5 (imports go down only)',
  ])
})

test('checkTree() keeps siblings on one floor blind to each other', async (t) => {
  const { violations } = check(t, {
    'packages/common/src/policy/rule.ts': `import { a } from '../registry/registry.js'\n`,
    'packages/common/src/registry/registry.ts': ``,
    'packages/common/src/control/server.ts': `const agent = await import('../agent/agent.js')\n`,
    'packages/common/src/agent/agent.ts': ``,
  })
  t.equal(violations.length, 2)
  t.match(violations[0], 'control/server.ts:1 imports ../agent/agent.js: floor 7 may not import floor 7')
  t.match(violations[1], 'floor 4 may not import floor 4 (policy and registry are blind to each other)')
})

test('checkTree() lets tests, contract suites and the doors import everything, and nobody import those', async (t) => {
  const { violations } = check(t, {
    'packages/common/src/index.ts': `export * from './terminal/print.js'\n`,
    'packages/common/src/testing.ts': `export { check } from './channel/check-channel.js'\n`,
    'packages/common/src/terminal/print.ts': `import { a } from '../index.js'\n`,
    'packages/common/src/channel/check-channel.ts': `import { a } from '../terminal/print.js'\n`,
    'packages/common/src/channel/channel.test.ts': `import { a } from '../terminal/print.js'\n`,
    'packages/common/src/channel/channel.ts': `import { a } from './check-channel.js'\n`,
  })
  const refused = violations.filter((line) => !line.includes('cycle'))
  t.equal(refused.length, 2)
  t.match(refused[0], 'channel/channel.ts:1 imports ./check-channel.js: only tests may import tests')
  t.match(refused[1], 'terminal/print.ts:1 imports ../index.js: the doors are for other packages')
})

test('checkTree() refuses a folder that stands on no floor', async (t) => {
  const { violations } = check(t, {
    'packages/common/src/attic/old.ts': `import { a } from '../limits.js'\n`,
    'packages/common/src/limits.ts': ``,
  })
  t.match(violations, [/folder attic stands on no floor/])
})

test('checkTree() keeps packages apart', async (t) => {
  const { violations } = check(t, {
    'packages/host/src/fine.ts': `import { a } from '@negotiator/common'\n`,
    'packages/host/src/cli/fine.ts': `import { a } from '@negotiator/common/program'\n`,
    'packages/system/src/load/fine.ts': `import type { Load } from '@negotiator/common/system'\n`,
    'packages/host/src/fine.test.ts': `import { a } from '@negotiator/common/testing'\n`,
    'test/src/boot.e2e.ts': `import '@negotiator/common/testing'\nimport { a } from '@negotiator/host'\n`,
    'packages/host/src/testing.ts': `import { a } from '@negotiator/common/testing'\nexport * from './check-a.js'\n`,
    'packages/host/src/check-a.ts': '',
    'test/src/suite.e2e.ts': `import { a } from '@negotiator/host/testing'\n`,
    'packages/host/src/inside.ts': `import { a } from '@negotiator/common/dist/limits.js'\n`,
    'packages/host/src/leave.ts': `import { a } from '../../common/src/limits.js'\n`,
    'packages/host/src/other.ts': `import { a } from '@negotiator/guest'\n`,
    'packages/guest/src/other.ts': `export type { A } from '@negotiator/host'\n`,
    'packages/guest/src/system.ts': `import { command } from '@negotiator/system'\n`,
  })
  t.match(violations, [
    /^packages\/host\/src\/inside\.ts:1 .*by its index only/,
    /^packages\/host\/src\/leave\.ts:1 .*leaves the package/,
    /^packages\/host\/src\/other\.ts:1 .*host may not import guest/,
    /^packages\/host\/src\/testing\.ts:1 .*only tests may import/,
    /^packages\/guest\/src\/other\.ts:1 .*guest may not import host/,
    /^packages\/guest\/src\/system\.ts:1 .*guest may not import system/,
  ])
  t.equal(violations.length, 6)
})

test('checkTree() finds a circle, also one of types alone', async (t) => {
  const { violations } = check(t, {
    'packages/guest/src/a.ts': `import type { B } from './b.js'\n`,
    'packages/guest/src/b.ts': `\nimport type { C } from './c.js'\n`,
    'packages/guest/src/c.ts': `export type { A } from './a.js'\nimport './d.js'\n`,
    'packages/guest/src/d.ts': ``,
  })
  t.strictSame(violations, [
    'packages/guest/src/c.ts:1 imports ./a.js: import cycle (' +
      ['a', 'b', 'c', 'a'].map((name) => `packages/guest/src/${name}.ts`).join(' > ') +
      ')',
  ])
})

test('checkTree() warns above 250 lines and fails above 400', async (t) => {
  const { violations, warnings } = check(t, {
    'packages/guest/src/fits.ts': 'x\n'.repeat(250),
    'packages/guest/src/warned.ts': 'x\n'.repeat(251),
    'packages/guest/src/longest.ts': 'x\n'.repeat(400),
    'packages/guest/src/split.ts': 'x\n'.repeat(401),
  })
  t.match(warnings, [/longest\.ts: 400 lines/, /warned\.ts: 251 lines/])
  t.strictSame(violations, ['packages/guest/src/split.ts: 401 lines, 400 at most (split it)'])
})

test('readImports() reads no comment and no export without a source', async (t) => {
  const text = [
    `/**`,
    ` * import { no } from './comment.js'`,
    ` * with import('./comment.js')`,
    ` */`,
    `export const from = 1`,
    `export { from as start }`,
    `import yes, { type Also } from "./yes.js"`,
    `export * as all from './all.js'`,
    `type Lazy = import('./lazy.js').Lazy`,
  ].join('\n')
  t.strictSame(readImports(text), [
    { line: 7, specifier: './yes.js' },
    { line: 8, specifier: './all.js' },
    { line: 9, specifier: './lazy.js' },
  ])
})
