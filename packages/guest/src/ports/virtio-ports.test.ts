import { execFileSync } from 'node:child_process'
import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { guestToHost, hostToGuest, silentLog, systemClock } from '@negotiator/common'
import type { ChannelName, DeviceFolders } from '@negotiator/common'
import { testFolder } from '@negotiator/common/testing'
import type { ChannelSource } from './channel-source.js'
import { KeptReceiver } from './test-receiver.js'
import { openVirtioPorts } from './virtio-ports.js'

const never: AbortSignal = new AbortController().signal

/** The folders that a kernel without any ports would show. */
function noPorts(t: Test): DeviceFolders {
  const root = testFolder(t)
  const devices = { sysfs: join(root, 'sys'), dev: join(root, 'dev') }
  mkdirSync(devices.sysfs)
  mkdirSync(devices.dev)
  return devices
}

/** Plugs in a port; a named pipe stands for one whose host is attached and quiet. */
function plugIn(devices: DeviceFolders, { entry, name }: { entry: string; name: ChannelName }): string {
  const device = join(devices.dev, entry)
  execFileSync('mkfifo', [device])
  mkdirSync(join(devices.sysfs, entry))
  writeFileSync(join(devices.sysfs, entry, 'name'), `${name}\n`)
  return device
}

async function open(t: Test, devices: DeviceFolders): Promise<ChannelSource> {
  const source = await openVirtioPorts({ devices, clock: systemClock, log: silentLog })
  t.teardown(async () => await source.close())
  return source
}

function send(device: string, text: string): void {
  const other = openSync(device, constants.O_RDWR | constants.O_NONBLOCK)
  writeSync(other, text)
  closeSync(other)
}

test('nextHost() opens a device that is named by its path', async (t) => {
  const devices = noPorts(t)
  const device = join(devices.dev, 'xenbus')
  execFileSync('mkfifo', [device])
  const source = await open(t, devices)
  t.equal((await source.nextHost(device, never)).name, device)
})

test('nextHost() finds each port by its name', async (t) => {
  const devices = noPorts(t)
  const paths = [
    plugIn(devices, { entry: 'vport1p1', name: guestToHost }),
    plugIn(devices, { entry: 'vport1p2', name: hostToGuest }),
  ]
  const source = await open(t, devices)
  const channels = [await source.nextHost(guestToHost, never), await source.nextHost(hostToGuest, never)]
  t.same(
    channels.map(({ name }) => name),
    paths,
  )
})

test('bytes on one port reach its channel and no other', async (t) => {
  const devices = noPorts(t)
  const device = plugIn(devices, { entry: 'vport1p1', name: guestToHost })
  plugIn(devices, { entry: 'vport1p2', name: hostToGuest })
  const source = await open(t, devices)
  const other = new KeptReceiver(await source.nextHost(hostToGuest, never))
  const receiver = new KeptReceiver(await source.nextHost(guestToHost, never))
  const arrived = new Promise<void>((resolve) => (receiver.onBytes = () => resolve()))
  send(device, 'hello')
  await arrived
  t.same([receiver.text, other.text], ['hello', ''])
})

test('nextHost() keeps the port open from one attachment to the next', async (t) => {
  const devices = noPorts(t)
  plugIn(devices, { entry: 'vport1p1', name: guestToHost })
  const source = await open(t, devices)
  const first = await source.nextHost(guestToHost, never)
  const before = readdirSync('/proc/self/fd').length
  first.close()
  await source.nextHost(guestToHost, never)
  t.equal(readdirSync('/proc/self/fd').length, before)
})

test('nextHost() tells what is missing, and finds a port that was plugged in since', async (t) => {
  const devices = noPorts(t)
  const source = await open(t, devices)
  await t.rejects(source.nextHost(guestToHost, never), {
    code: 'port-missing',
    message: /Cannot find the port "negotiator-guest-to-host.0"/,
  })
  const device = plugIn(devices, { entry: 'vport1p1', name: guestToHost })
  t.equal((await source.nextHost(guestToHost, never)).name, device)
})

test('nextHost() tells of a port that cannot be opened', async (t) => {
  const devices = noPorts(t)
  const device = plugIn(devices, { entry: 'vport1p1', name: guestToHost })
  rmSync(device)
  const source = await open(t, devices)
  await t.rejects(source.nextHost(guestToHost, never), {
    code: 'port-failed',
    message: `Cannot open the port "${device}": ENOENT`,
  })
})

test('close() ends all attachments and gives the ports back', async (t) => {
  const devices = noPorts(t)
  for (const [entry, name] of [
    ['vport1p1', guestToHost],
    ['vport1p2', hostToGuest],
  ] as const)
    plugIn(devices, { entry, name })
  const before = readdirSync('/proc/self/fd').length
  const source = await openVirtioPorts({ devices, clock: systemClock, log: silentLog })
  const receivers = [
    new KeptReceiver(await source.nextHost(guestToHost, never)),
    new KeptReceiver(await source.nextHost(hostToGuest, never)),
  ]
  await source.close()
  await new Promise<void>((resolve) => setImmediate(resolve))
  t.same(
    receivers.map(({ causes }) => causes.length),
    [1, 1],
  )
  t.equal(readdirSync('/proc/self/fd').length, before)
})

test('nextHost() opens the device that it is given, and finds the other port by its name', async (t) => {
  const devices = noPorts(t)
  const path = plugIn(devices, { entry: 'vport1p1', name: guestToHost })
  const elsewhere = join(testFolder(t), 'device')
  execFileSync('mkfifo', [elsewhere])
  const source = await openVirtioPorts({
    devices,
    given: { [hostToGuest]: elsewhere, [guestToHost]: '' },
    clock: systemClock,
    log: silentLog,
  })
  t.teardown(async () => await source.close())
  const channels = [await source.nextHost(guestToHost, never), await source.nextHost(hostToGuest, never)]
  t.same(
    channels.map(({ name }) => name),
    [path, elsewhere],
  )
})
