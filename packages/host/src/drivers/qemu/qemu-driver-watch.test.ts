import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { FakeClock, testFolder } from '@negotiator/common/testing'
import { test } from 'tap'
import { AwaitedChanges, testSocket } from '../test-world.js'
import { madeUp, writeProcess } from './test-processes.js'

const noSignal = new AbortController().signal
const qemu = '/usr/bin/qemu-system-x86_64'

test('watch() looks every two seconds and tells only a change', async (t) => {
  const clock = new FakeClock()
  const { driver, procFolder } = madeUp(t, { clock })
  const changes = new AwaitedChanges()
  writeProcess({ procFolder, id: 7, argv: [qemu, '-name', 'web1'] })
  const unwatch = await driver.watch(changes.onChange)
  await clock.advance(2000)
  await driver.lookNow()
  t.equal(changes.count, 0)
  writeProcess({ procFolder, id: 8, argv: ['/bin/sh'], program: 'sh' })
  writeProcess({ procFolder, id: 9, argv: [qemu, '-name', 'web2'] })
  await clock.advance(2000)
  await changes.moreThan(0)
  await driver.lookNow()
  t.equal(changes.count, 1)
  await unwatch()
  t.equal(clock.timerCount, 0)
})

test('watch() tells of a guest that was started anew, even with the same process id', async (t) => {
  const { driver, procFolder } = madeUp(t)
  const changes = new AwaitedChanges()
  writeProcess({ procFolder, id: 7, argv: [qemu, '-name', 'web1'] })
  await driver.watch(changes.onChange).then((unwatch) => t.teardown(unwatch))
  writeProcess({ procFolder, id: 7, argv: [qemu, '-name', 'web1'], startTime: 101 })
  await driver.lookNow()
  t.equal(changes.count, 1)
})

test('watch() tells of a guest that was listed and is gone before the next look', async (t) => {
  const { driver, procFolder } = madeUp(t)
  const changes = new AwaitedChanges()
  await driver.watch(changes.onChange).then((unwatch) => t.teardown(unwatch))
  writeProcess({ procFolder, id: 7, argv: [qemu, '-name', 'web1'] })
  t.same(
    (await driver.list(noSignal)).map(({ name }) => name),
    ['web1'],
  )
  rmSync(join(procFolder, '7'), { recursive: true })
  await driver.lookNow()
  t.equal(changes.count, 1)
})

test('watch() tells when /proc cannot be read any more', async (t) => {
  const { driver, procFolder } = madeUp(t)
  const changes = new AwaitedChanges()
  await driver.watch(changes.onChange).then((unwatch) => t.teardown(unwatch))
  rmSync(procFolder, { recursive: true })
  await driver.lookNow()
  t.equal(changes.count, 1)
})

test('watch() tells of a guest whose monitor has opened after the guest was found', async (t) => {
  const { driver, procFolder } = madeUp(t)
  const changes = new AwaitedChanges()
  const path = join(testFolder(t), 'qmp')
  writeProcess({ procFolder, id: 7, argv: [qemu, '-qmp', `unix:${path},server=on,wait=off`] })
  await driver.watch(changes.onChange).then((unwatch) => t.teardown(unwatch))
  t.match(await driver.list(noSignal), [{ name: 'qemu-7' }])
  const answers = '{"return":{}}\n{"return":{"name":"web1"}}\n{"return":{}}\n'
  await testSocket({ test: t, path, serve: (client) => void client.write(answers) })
  await driver.lookNow()
  t.equal(changes.count, 1)
  t.match(await driver.list(noSignal), [{ name: 'web1' }])
  await driver.lookNow()
  t.equal(changes.count, 1)
})
