import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { guestToHost, hostToGuest, silentLog, systemClock } from '@negotiator/common'
import { FakeClock, testFolder } from '@negotiator/common/testing'
import { test } from 'tap'
import type { Test } from 'tap'
import { checkDriver } from '../check-driver.js'
import type { DriverStage } from '../check-driver.js'
import type { FoundGuest } from '../driver.js'
import { testLog, testSocket } from '../test-world.js'
import { createQemuDriver } from './qemu-driver.js'
import type { QemuDriver } from './qemu-driver.js'
import { madeUp, startStandIn, writeProcess } from './test-processes.js'
import type { StandIn } from './test-processes.js'

const noSignal = new AbortController().signal
const qemu = '/usr/bin/qemu-system-x86_64'
const uuid = '4f6c0f0e-3a0b-4c7e-9d55-0123456789ab'
const otherUuid = '4f6c0f0e-3a0b-4c7e-9d55-ba9876543210'

function portArgs(channel: string, socket: string): readonly string[] {
  const device = `virtserialport,chardev=${channel},name=${channel}`
  return ['-chardev', `socket,id=${channel},path=${socket},server=on,wait=off`, '-device', device]
}

async function namesOf(driver: QemuDriver): Promise<readonly string[]> {
  return (await driver.list(noSignal)).map(({ name }) => name)
}

test('the qemu driver keeps the contract of drivers', async (t) => {
  await checkDriver(t, async (): Promise<DriverStage> => {
    const driver = createQemuDriver({ clock: new FakeClock(), log: silentLog })
    const running = new Map<string, StandIn>()
    return await Promise.resolve({
      driver,
      addGuest: async ({ name, uuid, channels }) => {
        const ports = channels.flatMap((channel) => portArgs(channel, `/run/${name}/${channel}`))
        running.set(
          name,
          await startStandIn(t, ['-name', `guest=${name},debug-threads=on`, '-uuid', uuid, ...ports]),
        )
        await driver.lookNow()
      },
      removeGuest: async (name) => {
        await running.get(name)?.end()
        await driver.lookNow()
      },
    })
  })
})

test('list() gives what a command line says', async (t) => {
  const { driver, procFolder } = madeUp(t)
  const args = [
    '-name',
    'web1',
    '-uuid',
    uuid,
    ...portArgs(hostToGuest, '/run/a'),
    ...portArgs(guestToHost, '/run/b'),
  ]
  writeProcess({ procFolder, id: 7, argv: [qemu, ...args] })
  t.same(await driver.list(noSignal), [
    { name: 'web1', uuid, state: 'running', sockets: { [hostToGuest]: '/run/a', [guestToHost]: '/run/b' } },
  ])
})

test('list() gives a guest without our channels, too, for people look for it', async (t) => {
  const { driver, procFolder } = madeUp(t)
  writeProcess({ procFolder, id: 7, argv: [qemu, '-name', 'web1'] })
  t.same(await driver.list(noSignal), [{ name: 'web1', uuid: undefined, state: 'running', sockets: {} }])
})

test('list() gives both of two guests of one name', async (t) => {
  const { driver, procFolder } = madeUp(t)
  writeProcess({ procFolder, id: 7, argv: [qemu, '-name', 'web1', '-uuid', uuid] })
  writeProcess({ procFolder, id: 8, argv: [qemu, '-name', 'web1', '-uuid', otherUuid] })
  t.same(
    (await driver.list(noSignal)).map((guest) => [guest.name, guest.uuid]),
    [
      ['web1', uuid],
      ['web1', otherUuid],
    ],
  )
})

test('list() calls a guest without a name by its process id', async (t) => {
  const { driver, procFolder } = madeUp(t)
  writeProcess({ procFolder, id: 4711, argv: [qemu, '-uuid', uuid] })
  t.match(await driver.list(noSignal), [{ name: 'qemu-4711', uuid }])
})

test('list() gives only guests of the names that it was made for', async (t) => {
  const patterns = {
    'web-*': 'web-1,web-22',
    '*': 'web-1,web-22,db,web.1',
    'web.1': 'web.1',
    '*b*2': 'web-22',
  }
  for (const [names, expected] of Object.entries(patterns)) {
    const { driver, procFolder } = madeUp(t, { names })
    for (const [index, name] of ['web-1', 'web-22', 'db', 'web.1'].entries()) {
      writeProcess({ procFolder, id: index + 1, argv: [qemu, '-name', name] })
    }
    t.equal((await namesOf(driver)).join(), expected)
    t.equal(driver.name, `qemu:${names}`)
  }
})

test('list() tells once why a channel cannot be used', async (t) => {
  const { log, lines } = testLog()
  const { driver, procFolder } = madeUp(t, { log, names: 'web*' })
  const ports = [
    '-chardev',
    'socket,id=c0,fd=33,server=on',
    '-device',
    `virtserialport,chardev=c0,name=${hostToGuest}`,
  ]
  writeProcess({ procFolder, id: 7, argv: [qemu, '-name', 'web1', ...ports] })
  writeProcess({ procFolder, id: 8, argv: [qemu, '-name', 'not-ours', ...ports] })
  t.same(await driver.list(noSignal), [{ name: 'web1', uuid: undefined, state: 'running', sockets: {} }])
  await driver.list(noSignal)
  t.equal(lines.length, 1)
  t.match(
    lines[0],
    /^warn .*cannot be used guest="web1" channel="negotiator-host-to-guest\.0" reason="QEMU inherited its socket/,
  )
})

test('list() fails when /proc cannot be read, and says so', async (t) => {
  const { driver, procFolder } = madeUp(t)
  rmSync(procFolder, { recursive: true })
  await t.rejects(driver.list(noSignal), { code: 'proc-unreadable' })
})

/** A monitor that answers every command in the order of what we ask. */
async function monitor(
  t: Test,
  answers: readonly unknown[],
): Promise<{ readonly path: string; clientCount: () => number }> {
  const path = join(testFolder(t), 'qmp')
  let clientCount = 0
  await testSocket({
    test: t,
    path,
    serve: (client) => {
      clientCount += 1
      client.resume()
      for (const answer of [{}, ...answers]) client.write(`${JSON.stringify({ return: answer })}\n`)
    },
  })
  return { path, clientCount: () => clientCount }
}

test('list() asks the monitor of a guest whose command line names it in no way, once', async (t) => {
  const { driver, procFolder } = madeUp(t)
  const { path, clientCount } = await monitor(t, [{ name: 'web1' }, { UUID: uuid.toUpperCase() }])
  writeProcess({ procFolder, id: 7, argv: [qemu, '-qmp', `unix:${path},server=on,wait=off`] })
  for (let round = 0; round < 2; round += 1) t.match(await driver.list(noSignal), [{ name: 'web1', uuid }])
  t.equal(clientCount(), 1)
})

test('list() takes a monitor that knows no name for what it is', async (t) => {
  for (const answers of [
    [{}, { UUID: '00000000-0000-0000-0000-000000000000' }],
    ['odd', null],
    [{ name: '' }, { UUID: 7 }],
  ]) {
    const { driver, procFolder } = madeUp(t)
    const { path } = await monitor(t, answers)
    writeProcess({ procFolder, id: 7, argv: [qemu, '-qmp', `unix:${path},server=on,wait=off`] })
    t.same(await driver.list(noSignal), [{ name: 'qemu-7', uuid: undefined, state: 'running', sockets: {} }])
  }
})

test('list() leaves the monitor of a guest with a name or a uuid alone', async (t) => {
  const { driver, procFolder } = madeUp(t)
  const { path, clientCount } = await monitor(t, [])
  const qmp = ['-qmp', `unix:${path},server=on,wait=off`]
  writeProcess({ procFolder, id: 7, argv: [qemu, '-name', 'web1', ...qmp] })
  writeProcess({ procFolder, id: 8, argv: [qemu, '-uuid', uuid, ...qmp] })
  t.same(await namesOf(driver), ['web1', 'qemu-8'])
  t.equal(clientCount(), 0)
})

test('list() goes without a monitor that cannot be reached, and asks it again, but not for ever', async (t) => {
  const { log, lines } = testLog()
  const { driver, procFolder } = madeUp(t, { log })
  const path = join(testFolder(t), 'qmp')
  writeProcess({ procFolder, id: 7, argv: [qemu, '-qmp', `unix:${path},server=on,wait=off`] })
  for (let round = 0; round < 5; round += 1) t.same(await namesOf(driver), ['qemu-7'])
  t.equal(lines.length, 3)
  t.match(lines[0], /^debug .*did not say who its machine is/)
})

test('createQemuDriver() looks at this machine unless told', async (t) => {
  const driver = createQemuDriver({ clock: systemClock, log: silentLog })
  t.equal(driver.name, 'qemu')
  const { id } = await startStandIn(t, [])
  const found: readonly FoundGuest[] = await driver.list(noSignal)
  t.ok(found.some(({ name }) => name === `qemu-${id}`))
})
