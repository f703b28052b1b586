/**
 * The libvirt driver beside a real libvirtd: the contract of drivers, and what libvirt's domains bring with them. Machines
 * are started and stand still, so nothing boots.
 */
import { randomUUID } from 'node:crypto'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { guestToHost, hostToGuest } from '@negotiator/common'
import { checkDriver } from '@negotiator/host/testing'
import type { FoundGuest } from '@negotiator/host/testing'
import { channelXml, domainXml } from './machine/domain-definition.js'
import { TestLibvirt } from './machine/libvirt.js'
import { WatchedDriver } from './machine/watched-driver.js'
import { tellOnFailure } from './machine/tell-on-failure.js'

const channels = [hostToGuest, guestToHost]

/** What libvirt takes for a name; line breaks, slashes and the empty name it refuses. */
const oddNames = [
  '--help',
  `two "words' <&amp;> `,
  "x': Started Booted",
  "event 'lifecycle' for domain 'web': Stopped Destroyed",
  '$(touch pwned); echo negotiator',
  'tab\tand é Ω 😀',
  'n'.repeat(200),
]

/** The driver looks again each minute; what shows this soon came from an event, however busy the machine. */
const eventMaxMs = 15_000

test('the libvirt driver', { timeout: 300_000 }, async (t) => {
  const libvirt = await TestLibvirt.start({ log: (line) => t.comment(line) })
  t.teardown(async () => await libvirt.close())
  tellOnFailure(t, async () => await libvirt.log())

  await t.test('keeps the contract of drivers', async (t) => {
    await checkDriver(t, async (t) => {
      const uuids = new Map<string, string>()
      t.teardown(async () => {
        for (const uuid of uuids.values()) await libvirt.virsh('destroy', uuid)
      })
      const { driver } = await WatchedDriver.start(t, `libvirt:${libvirt.uri}`)
      return {
        driver,
        addGuest: async ({ name, uuid, channels }) => {
          uuids.set(name, uuid)
          await libvirt.virsh(
            'create',
            await libvirt.xmlFile(domainXml({ name, uuid, channels })),
            '--paused',
          )
        },
        removeGuest: async (name) => {
          await libvirt.virsh('destroy', uuids.get(name) ?? '')
          uuids.delete(name)
        },
      }
    })
  })

  await t.test('gives names as they are, of domains that are off and of those that run', async (t) => {
    const watched = await WatchedDriver.start(t, `libvirt:${libvirt.uri}`)
    for (const name of oddNames) {
      const uuid = randomUUID()
      await libvirt.define(domainXml({ name, uuid, channels }))
      t.match(await watched.until((guest) => guest.uuid === uuid), { name, state: 'off', sockets: {} })
      await libvirt.virsh('start', uuid, '--paused')
      const running = await watched.until((guest) => guest.uuid === uuid && guest.state === 'paused')
      t.equal(running.name, name)
      t.same(Object.keys(running.sockets).sort(), [...channels].sort())
      await libvirt.virsh('destroy', uuid)
      await watched.until((guest) => guest.uuid === uuid && guest.state === 'off')
      await libvirt.virsh('undefine', uuid)
    }
    for (const name of ['two\nlines', 'a/b', ''])
      await t.rejects(libvirt.define(domainXml({ name, uuid: randomUUID() })), name)
    t.same(watched.lines, [])
  })

  await t.test('is told of whatever happens to a domain, long before it would look again', async (t) => {
    const watched = await WatchedDriver.start(t, `libvirt:${libvirt.uri}`)
    await watched.begin()
    const uuid = randomUUID()
    const soon = async (what: string, isWanted: (guest: FoundGuest) => boolean): Promise<void> => {
      const sinceMs = Date.now()
      await watched.until((guest) => guest.uuid === uuid && isWanted(guest))
      t.ok(Date.now() - sinceMs < eventMaxMs, `${what} after ${Date.now() - sinceMs} ms`)
    }
    const serial = `<controller type='virtio-serial' index='0'/>`
    await libvirt.define(domainXml({ name: 'first', uuid, devices: serial }))
    await soon('defined', ({ name, state }) => name === 'first' && state === 'off')
    await libvirt.virsh('domrename', uuid, 'second name')
    await soon('renamed', ({ name }) => name === 'second name')
    await libvirt.virsh('start', uuid, '--paused')
    await soon('started', ({ state, sockets }) => state === 'paused' && Object.keys(sockets).length === 0)
    await libvirt.virsh('resume', uuid)
    await soon('resumed', ({ state }) => state === 'running')
    const channel = await libvirt.xmlFile(channelXml(hostToGuest))
    await libvirt.virsh('attach-device', uuid, channel, '--live')
    await soon('plugged in', ({ sockets }) => sockets[hostToGuest] !== undefined)
    await libvirt.virsh('suspend', uuid)
    await soon('paused', ({ state, sockets }) => state === 'paused' && sockets[hostToGuest] !== undefined)
    await libvirt.virsh('destroy', uuid)
    await soon('destroyed', ({ state, sockets }) => state === 'off' && sockets[hostToGuest] === undefined)
    await libvirt.virsh('undefine', uuid)
    await watched.untilGone(uuid)
  })

  await t.test('tells once of a channel that cannot be connected to', async (t) => {
    const watched = await WatchedDriver.start(t, `libvirt:${libvirt.uri}`)
    const uuid = randomUUID()
    const devices = channelXml(hostToGuest).replace("type='unix'", "type='pty'")
    const xml = domainXml({ name: 'pty', uuid, channels: [guestToHost], devices })
    await libvirt.virsh('create', await libvirt.xmlFile(xml), '--paused')
    const { sockets } = await watched.until((guest) => guest.uuid === uuid)
    t.same(Object.keys(sockets), [guestToHost])
    await libvirt.virsh('resume', uuid)
    await watched.until(({ state }) => state === 'running')
    await libvirt.virsh('destroy', uuid)
    await watched.untilGone(uuid)
    t.equal(watched.lines.length, 1)
    t.match(
      watched.lines[0],
      /A channel of a guest cannot be used guest="pty" channel="negotiator-host-to-guest.0" reason="its type is \\?"pty/,
    )
  })

  await t.test('does without libvirtd while it is away, and is there again when it is', async (t) => {
    const watched = await WatchedDriver.start(t, `libvirt:${libvirt.uri}`)
    const uuid = randomUUID()
    await libvirt.define(domainXml({ name: 'stays', uuid, channels }))
    await libvirt.virsh('start', uuid, '--paused')
    const before = await watched.until(({ state }) => state === 'paused')
    await libvirt.stopLibvirtd()
    for (;;) {
      const error = await watched.list().then(
        () => undefined,
        (error: unknown) => error,
      )
      if (error !== undefined) {
        t.match(error, {
          code: 'libvirt-unreachable',
          message:
            /^Cannot ask libvirt at qemu:.*: failed to connect.*; is libvirtd running, and may we connect to it\?$/,
        })
        break
      }
      await watched.changed()
    }
    await libvirt.startLibvirtd()
    // The list that failed is asked for again without anybody's help.
    await watched.changed()
    t.same(
      (await watched.list()).find((guest) => guest.uuid === uuid),
      before,
    )
    await libvirt.virsh('destroy', uuid)
    await watched.until(({ state }) => state === 'off')
    await libvirt.virsh('undefine', uuid)
  })

  await t.test('costs one virsh for each change, however many domains there are', async (t) => {
    const uuids = Array.from({ length: 300 }, () => randomUUID())
    const files = await Promise.all(
      uuids.map(
        async (uuid, index) => await libvirt.xmlFile(domainXml({ name: `d${index}`, uuid, channels })),
      ),
    )
    await libvirt.virsh(files.map((file) => `define ${file}`).join('; '))
    const count = await countedVirsh(t, libvirt.folder)
    const watched = await WatchedDriver.start(t, `libvirt:${libvirt.uri}`)
    await watched.begin()
    t.equal((await watched.list()).length, 300)
    t.equal(await count(), 4, 'one for the events, two to begin with, and ours')
    const [uuid = ''] = uuids
    const changes = ['start --paused', 'resume', 'suspend', 'destroy']
    for (const change of changes) {
      const [command = '', ...options] = change.split(' ')
      await libvirt.virsh(command, uuid, ...options)
      await watched.changed()
      t.equal((await watched.list()).length, 300)
    }
    t.equal(await count(), changes.length)
  })
})

/** Lets the driver find a virsh that counts how often it is run. @returns how often since the last time it was asked */
async function countedVirsh(t: Test, folder: string): Promise<() => Promise<number>> {
  const [path = '', notes] = [process.env['PATH'], join(folder, 'runs')]
  await writeFile(notes, '')
  await writeFile(join(folder, 'virsh'), `#!/bin/sh\necho run >>'${notes}'\nPATH='${path}' exec virsh "$@"\n`)
  await chmod(join(folder, 'virsh'), 0o755)
  process.env['PATH'] = `${folder}${delimiter}${path}`
  t.teardown(() => (process.env['PATH'] = path))
  return async () => {
    const runs = (await readFile(notes, 'utf8')).split('\n').length - 1
    await writeFile(notes, '')
    return runs
  }
}
