import { chmodSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { createLog } from '../log.js'
import { testFolder } from '../test-folder.js'
import { unpackPolicy } from './carried-policy.js'
import { loadConfig } from './config.js'

test('unpackPolicy() gives the path of a file that only its owner can write', async (t) => {
  const config = await loadConfig({ side: 'host', root: testFolder(t) })
  const lines: string[] = []
  const log = createLog({ level: 'info', format: 'text', write: (line) => void lines.push(line) })
  const path = await unpackPolicy({ side: 'host', policy: '* * @self @host deny\n', config, log })
  t.equal(path, join(config['state-folder'], 'shipped-policy/host/90-default.policy'))
  t.equal(readFileSync(path ?? '', 'utf8'), '* * @self @host deny\n')
  t.same(lines, [])
})

test('unpackPolicy() says what follows when it cannot be', async (t) => {
  const config = await loadConfig({ side: 'host', root: testFolder(t) })
  const folder = join(config['state-folder'], 'shipped-policy/host')
  mkdirSync(folder, { recursive: true })
  chmodSync(folder, 0o777)
  const lines: string[] = []
  const log = createLog({ level: 'info', format: 'text', write: (line) => void lines.push(line) })
  t.equal(await unpackPolicy({ side: 'host', policy: '', config, log }), undefined)
  t.match(lines, [
    /^error Cannot unpack the shipped policy, so only what your own files allow is allowed reason=/,
  ])
})
