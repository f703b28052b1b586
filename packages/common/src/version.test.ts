import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { version } from './version.js'

/** The top of the work tree, from packages/common/dist. */
const top = join(import.meta.dirname, '../../..')

test('version is the same as in each package.json', (t) => {
  for (const folder of ['.', 'packages/common', 'packages/host', 'packages/guest']) {
    const described = JSON.parse(readFileSync(join(top, folder, 'package.json'), 'utf8')) as {
      version?: unknown
    }
    t.equal(described.version, version, folder)
  }
  t.end()
})
