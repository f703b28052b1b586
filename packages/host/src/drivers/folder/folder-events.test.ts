import { EventEmitter, once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { silentLog } from '@negotiator/common'
import { test } from 'tap'
import { testFolder } from '@negotiator/common/testing'
import { testLog } from '../test-world.js'
import { FolderEvents } from './folder-events.js'
import type { WatchFolder } from './folder-events.js'

/** A kernel that refuses. */
function failWith(code: string): WatchFolder {
  return () => {
    throw Object.assign(new Error(code), { code })
  }
}

test('arm() leads to an event when a guest folder appears', async (t) => {
  const folder = testFolder(t)
  const happened = new EventEmitter()
  const events = new FolderEvents({ folder, log: silentLog, onEvent: () => happened.emit('event') })
  await events.arm()
  const event = once(happened, 'event')
  mkdirSync(join(folder, 'web1'))
  await t.resolves(event)
  events.close()
})

test('arm() warns once when the kernel gives no more watches', async (t) => {
  const { log, lines } = testLog()
  const watchFolder = failWith('ENOSPC')
  const events = new FolderEvents({ folder: testFolder(t), log, onEvent: () => undefined, watchFolder })
  await events.arm()
  await events.arm()
  t.equal(lines.length, 1)
  t.match(lines[0], /^warn .*changes are noticed later; raise fs\.inotify\.max_user_watches/)
})

test('arm() says nothing of a folder that it may not watch: who lists it does', async (t) => {
  const { log, lines } = testLog()
  const watchFolder = failWith('EACCES')
  await new FolderEvents({ folder: testFolder(t), log, onEvent: () => undefined, watchFolder }).arm()
  t.same(lines, [])
})

test('arm() passes on what says something of a guest, and what nobody can tell', async (t) => {
  const folder = testFolder(t)
  mkdirSync(join(folder, 'web1'))
  const listeners = new Map<string, (name: string | null) => void>()
  const watchFolder: WatchFolder = (path, listener) => {
    listeners.set(path, listener)
    return { close: () => undefined }
  }
  let eventCount = 0
  await new FolderEvents({ folder, log: silentLog, onEvent: () => (eventCount += 1), watchFolder }).arm()
  const guest = listeners.get(join(folder, 'web1'))
  for (const name of ['uuid', 'negotiator-host-to-guest.0.sock', 'web1', null]) guest?.(name)
  t.equal(eventCount, 4)
  for (const name of ['disk.img', 'uuid.tmp', 'other.sock']) guest?.(name)
  t.equal(eventCount, 4)
})

test('arm() and close() close what was watched before', async (t) => {
  let openCount = 0
  const watchFolder: WatchFolder = () => {
    openCount += 1
    return { close: () => (openCount -= 1) }
  }
  const events = new FolderEvents({
    folder: testFolder(t),
    log: silentLog,
    onEvent: () => undefined,
    watchFolder,
  })
  await events.arm()
  await events.arm()
  t.equal(openCount, 1)
  events.close()
  t.equal(openCount, 0)
})
