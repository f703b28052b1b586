/**
 * The page on troubleshooting tells of every fault that the doctors find, and of no other.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'

const root = join(import.meta.dirname, '../..')

/** The sources of the doctors, without their tests. */
const sources = ['common', 'host', 'guest'].flatMap((name) => {
  const folder = join(root, 'packages', name, 'src/doctor')
  const files = readdirSync(folder).filter((file) => !file.includes('test'))
  return files.map((file) => readFileSync(join(folder, file), 'utf8'))
})

const codes = sources.flatMap((text) =>
  [...text.matchAll(/\bcode: '([a-z-]+)'/g)].map(([, code]) => code ?? ''),
)

/** Findings about the configuration have the codes of its errors, which stand elsewhere. */
const errorCodes = ['bad-config', 'config-unreadable']

const page = readFileSync(join(root, 'docs/troubleshooting.md'), 'utf8')

test('every code of a finding stands in docs/troubleshooting.md', (t) => {
  t.ok(codes.length > 40, `${codes.length} codes`)
  t.same(
    codes.filter((code) => !page.includes(`\`${code}\``)),
    [],
  )
  t.end()
})

test('every code in the first column of docs/troubleshooting.md is one', (t) => {
  const cells = [...page.matchAll(/^\| (`[a-z-]+`[^|]*)\|/gm)].map(([, cell]) => cell ?? '')
  const told = cells.flatMap((cell) => [...cell.matchAll(/`([a-z-]+)`/g)].map(([, code]) => code ?? ''))
  const all = sources.join('\n')
  t.ok(told.length > 40, `${told.length} codes`)
  t.same(
    told.filter((code) => !all.includes(`'${code}'`) && !errorCodes.includes(code)),
    [],
  )
  t.end()
})
