import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hostToGuest, loadConfig, silentLog, systemClock } from '@negotiator/common'
import { TestProcesses, testFolder, testShippedPolicy } from '@negotiator/common/testing'
import { test } from 'tap'
import { startHostDaemon } from '../daemon.js'
import { TestGuest } from '../guests/test-guest.js'
import { examineHost } from './doctor.js'

test('examineHost() finds a daemon that is down, and then that all is well', async (t) => {
  const root = testFolder(t)
  const guests = join(root, 'guests')
  for (const folder of [
    join(guests, 'web1'),
    join(root, 'etc/negotiator'),
    join(root, 'usr/lib/negotiator/commands'),
  ])
    mkdirSync(folder, { recursive: true, mode: 0o755 })
  writeFileSync(join(root, 'etc/negotiator/host.toml'), `drivers = ["folder:${guests}"]\n`)
  const guest = await TestGuest.start({ test: t, folder: join(guests, 'web1') })
  const processes = new TestProcesses(t)
  processes.show(process.pid)
  const source = { side: 'host', root } as const
  const examine = async () =>
    await examineHost({
      source,
      guest: 'web1',
      machineRoot: processes.root,
      clock: systemClock,
      nowMs: Date.now(),
    })
  t.match(
    (await examine()).filter(({ severity }) => severity === 'error'),
    [{ check: 'daemon', code: 'daemon-down' }],
  )
  const config = await loadConfig(source)
  const daemon = await startHostDaemon({
    config,
    shipped: { commandFolders: [], policyFile: testShippedPolicy(t, 'host') },
    clock: systemClock,
    log: silentLog,
  })
  t.teardown(async () => await daemon.close())
  const sees = async (found: string): Promise<boolean> => (await examine()).some((one) => one.found === found)
  while (!(await sees('it answers'))) await new Promise(setImmediate)
  const faults = (await examine()).filter(({ severity }) => severity === 'error' || severity === 'warning')
  t.same(faults, [])
  t.equal(guest.attachedCount, 2, 'the doctor has not attached to the sockets')
  t.ok(guest.sockets[hostToGuest])
})
