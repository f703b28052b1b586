import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'

const root = join(import.meta.dirname, '../..')

test('each claim of SECURITY.md points at a test that is there', (t) => {
  const text = readFileSync(join(root, 'SECURITY.md'), 'utf8')
  const named = [...text.matchAll(/`([\w/.-]+\.test\.ts)`/g)].map(([, path = '']) => path)
  t.ok(named.length > 30, `${named.length} tests are named`)
  for (const path of new Set(named))
    t.ok(
      [path, join('packages/common/src', path)].some((one) => existsSync(join(root, one))),
      path,
    )
  const claims = text.split('\n').filter((line) => line.startsWith('| ') && line.split('|').length === 5)
  const trust = /^\| (it cannot|he cannot|known fault|\||a host|a guest|---)/
  for (const claim of claims.filter((line) => !trust.test(line)))
    t.match(claim, /`[^`]+` \|$|the same two \|$/, claim.slice(0, 60))
  t.end()
})
