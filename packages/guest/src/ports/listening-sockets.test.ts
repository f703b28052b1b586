import { getEventListeners, once } from 'node:events'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { connectSocket, guestToHost, hostToGuest } from '@negotiator/common'
import type { Channel } from '@negotiator/common'
import { checkChannel, testFolder } from '@negotiator/common/testing'
import type { ChannelSource } from './channel-source.js'
import { openListeningSockets } from './listening-sockets.js'
import { KeptReceiver } from './test-receiver.js'

const never: AbortSignal = new AbortController().signal

async function open(t: Test): Promise<{ source: ChannelSource; path: string; folder: string }> {
  const folder = testFolder(t)
  const source = await openListeningSockets(folder)
  t.teardown(async () => await source.close())
  return { source, folder, path: join(folder, `${hostToGuest}.sock`) }
}

async function attached(
  source: ChannelSource,
  path: string,
): Promise<{ readonly host: Channel; readonly guest: Channel }> {
  const waiting = source.nextHost(hostToGuest, never)
  return { host: await connectSocket({ path }), guest: await waiting }
}

async function nextTurn(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve))
}

test('a channel from a listening socket keeps the contract of a channel', async (t) => {
  await checkChannel(t, async (each) => {
    const { source, path } = await open(each)
    const { host, guest } = await attached(source, path)
    return { left: host, right: guest }
  })
})

test('each channel has a socket of its own, named for it', async (t) => {
  const { source, folder } = await open(t)
  t.same(readdirSync(folder).toSorted(), [`${guestToHost}.sock`, `${hostToGuest}.sock`])
  const path = join(folder, `${guestToHost}.sock`)
  const host = await connectSocket({ path })
  const guest = await source.nextHost(guestToHost, never)
  t.equal(guest.name, path)
  host.close()
})

test('nextHost() serves one host after the other, in the order they came', async (t) => {
  const { source, path } = await open(t)
  const hosts = [await connectSocket({ path }), await connectSocket({ path })]
  for (const [index, host] of hosts.entries()) host.write(Buffer.from(`host ${index}`))
  for (const index of hosts.keys()) {
    const receiver = new KeptReceiver(await source.nextHost(hostToGuest, never))
    while (receiver.text !== `host ${index}`) await nextTurn()
  }
  for (const host of hosts) host.close()
})

test('nextHost() gives a host that has left already, with its last words', async (t) => {
  const { source, path } = await open(t)
  const host = createConnection(path)
  await once(host, 'connect')
  host.end('last words')
  await once(host, 'finish')
  const receiver = new KeptReceiver(await source.nextHost(hostToGuest, never))
  while (receiver.causes.length === 0) await nextTurn()
  t.equal(receiver.text, 'last words')
})

test('nextHost() gives up when told to, before or meanwhile', async (t) => {
  const { source, path } = await open(t)
  const controller = new AbortController()
  const waiting = source.nextHost(hostToGuest, controller.signal)
  controller.abort()
  const stopped = { code: 'stopped', message: `Cannot wait for a host on "${path}": stopped` }
  await t.rejects(waiting, stopped)
  await t.rejects(source.nextHost(hostToGuest, AbortSignal.abort()), stopped)
})

test('nextHost() leaves nothing behind on its signal', async (t) => {
  const { source, path } = await open(t)
  const { signal } = new AbortController()
  const waiting = source.nextHost(hostToGuest, signal)
  const host = await connectSocket({ path })
  await waiting
  t.equal(getEventListeners(signal, 'abort').length, 0)
  host.close()
})

test('close() ends attachments, those under way and those that wait, and removes the sockets', async (t) => {
  const { source, path, folder } = await open(t)
  const { host, guest } = await attached(source, path)
  const second = await connectSocket({ path })
  const receivers = [host, guest, second].map((channel) => new KeptReceiver(channel))
  await source.close()
  while (receivers.some(({ causes }) => causes.length === 0)) await nextTurn()
  t.same(readdirSync(folder), [])
  await source.close()
})

test('a socket that a dead daemon left behind is replaced', async (t) => {
  const folder = testFolder(t)
  const path = join(folder, `${hostToGuest}.sock`)
  writeFileSync(path, '')
  const source = await openListeningSockets(folder)
  t.teardown(async () => await source.close())
  const { host } = await attached(source, path)
  host.close()
})

test('openListeningSockets() says why it cannot listen and what to do', async (t) => {
  const folder = testFolder(t)
  const socketIn = (place: string): string => join(place, `${hostToGuest}.sock`)
  const missing = join(folder, 'missing')
  await t.rejects(openListeningSockets(missing), {
    name: 'SystemError',
    code: 'channel-folder-failed',
    message: `Cannot listen on the channel socket "${socketIn(missing)}": its folder does not exist; create it`,
  })
  const file = join(folder, 'file')
  writeFileSync(file, '')
  await t.rejects(openListeningSockets(file), { code: 'channel-folder-failed', message: /ENOTDIR/ })
  const occupied = join(folder, 'occupied')
  mkdirSync(socketIn(occupied), { recursive: true })
  await t.rejects(openListeningSockets(occupied), {
    code: 'channel-folder-failed',
    message: /Cannot listen on the channel socket ".*": ERR_FS_EISDIR$/,
  })
  await t.rejects(openListeningSockets(join(folder, 'x'.repeat(100))), { code: 'socket-path-too-long' })
})

test('openListeningSockets() listens on both sockets or on none', async (t) => {
  const folder = testFolder(t)
  mkdirSync(join(folder, `${guestToHost}.sock`))
  await t.rejects(openListeningSockets(folder), { code: 'channel-folder-failed' })
  await t.rejects(connectSocket({ path: join(folder, `${hostToGuest}.sock`) }), { code: 'socket-missing' })
})
