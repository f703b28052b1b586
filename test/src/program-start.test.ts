/**
 * What a program reads before it knows what is wanted of it: no daemon, for each call from a shell pays for that.
 */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'tap'

const packages = join(import.meta.dirname, '../../packages')

/** The texts of a bundle's file and of all that it imports at once. */
async function startTexts(path: string, seen = new Set<string>()): Promise<readonly string[]> {
  if (seen.has(path)) return []
  seen.add(path)
  const text = await readFile(path, 'utf8')
  const imported = [...text.matchAll(/(?:from|import)\s*["'](\.\/[^"']+)["']/g)].map(([, name = '']) => name)
  const rest = await Promise.all(
    imported.map(async (name) => await startTexts(join(dirname(path), name), seen)),
  )
  return [text, ...rest.flat()]
}

const defines = (text: string, name: string): boolean => new RegExp(`\\b${name}\\b ?= ?class\\b`).test(text)

for (const side of ['host', 'guest']) {
  test(`negotiator-${side} starts without the code of its daemon`, async (t) => {
    const bundle = join(packages, side, 'dist/bundle')
    const program = (await startTexts(join(bundle, 'main.js'))).join('')
    const library = (await startTexts(join(bundle, 'index.js'))).join('')
    t.ok(defines(program, 'Client'))
    for (const name of ['Dispatcher', 'Registry', 'Link']) {
      t.notOk(defines(program, name), name)
      t.ok(defines(library, name), name)
    }
  })
}
