import { chmodSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { createLog, silentLog } from '../log.js'
import { testFolder } from '../test-folder.js'
import { findOrUnpackPolicy, unpackPolicy } from './carried-policy.js'
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

test('findOrUnpackPolicy() unpacks where no daemon has, and leaves the copy of a daemon as it is', async (t) => {
  const config = await loadConfig({ side: 'host', root: testFolder(t) })
  const options = { side: 'host', config, log: silentLog } as const
  const path = await findOrUnpackPolicy({ ...options, policy: '* * @self @host deny\n' })
  t.equal(path, join(config['state-folder'], 'shipped-policy/host/90-default.policy'))
  t.equal(await findOrUnpackPolicy({ ...options, policy: '# of another version\n' }), path)
  t.equal(readFileSync(path ?? '', 'utf8'), '* * @self @host deny\n')
})

test('findOrUnpackPolicy() gives nothing when there is no copy and none can be made', async (t) => {
  const config = await loadConfig({ side: 'host', root: testFolder(t) })
  const folder = join(config['state-folder'], 'shipped-policy/host')
  mkdirSync(folder, { recursive: true })
  chmodSync(folder, 0o777)
  const options = { side: 'host', policy: '', config, log: silentLog } as const
  t.equal(await findOrUnpackPolicy(options), undefined)
})
