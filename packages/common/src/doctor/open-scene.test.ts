import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { testFolder } from '../test-folder.js'
import { openScene } from './open-scene.js'

test('openScene() tells of a bad configuration and goes on with the defaults', async (t) => {
  const root = testFolder(t)
  mkdirSync(join(root, 'etc/negotiator'), { recursive: true })
  const file = join(root, 'etc/negotiator/host.toml')
  writeFileSync(file, 'driver = ["qemu"]\n')
  const options = { source: { side: 'host', root }, machineRoot: root } as const
  const { scene, findings } = await openScene(options)
  t.match(findings, [
    {
      check: 'configuration',
      severity: 'error',
      code: 'bad-config',
      found: `Cannot use "driver" in "${file}", line 1: there is no such setting; did you mean "drivers"?`,
    },
  ])
  t.same(scene.config.drivers, ['auto'])
  t.equal(scene.config['control-socket'], join(root, 'run/negotiator/host.sock'))
  t.same(scene.daemon, { kind: 'missing' })
  rmSync(file)
  t.match((await openScene(options)).findings, [{ severity: 'ok' }])
})

test('openScene() tells of a configuration that is named and not there', async (t) => {
  const root = testFolder(t)
  const source = { side: 'guest', root, file: join(root, 'nowhere.toml') } as const
  const { findings } = await openScene({ source, machineRoot: root })
  t.match(findings, [{ severity: 'error', code: 'config-unreadable', found: /it does not exist/ }])
})
