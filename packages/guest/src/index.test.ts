import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { testFolder } from '@negotiator/common/testing'
import { connect } from './index.js'

test('connect() says that no daemon runs, and where it looked', async (t) => {
  const root = testFolder(t)
  const path = join(root, 'run/negotiator/guest.sock')
  await t.rejects(connect({ root }), {
    name: 'SystemError',
    code: 'daemon-unreachable',
    message: new RegExp(`^Cannot reach the daemon on "${path}": .*; is it running\\?$`),
  })
})

test('connect() looks where the configuration says', async (t) => {
  const root = testFolder(t)
  const config = join(root, 'other.toml')
  writeFileSync(config, 'control-socket = "/nowhere/guest.sock"\n')
  await t.rejects(connect({ root, config }), {
    message: /Cannot reach the daemon on "\/nowhere\/guest.sock"/,
  })
  mkdirSync(join(root, 'etc/negotiator'), { recursive: true })
  writeFileSync(join(root, 'etc/negotiator/guest.toml'), 'control-socket = "/elsewhere/guest.sock"\n')
  await t.rejects(connect({ root }), { message: /"\/elsewhere\/guest.sock"/ })
})

test('connect() refuses a bad configuration', async (t) => {
  const config = join(testFolder(t), 'bad.toml')
  writeFileSync(config, 'drivers = ["qemu"]\n')
  await t.rejects(connect({ config }), { name: 'UsageError', code: 'bad-config' })
})
