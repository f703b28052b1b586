import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { guestToHost, hostToGuest } from '@negotiator/common'
import { testFolder } from '@negotiator/common/testing'
import { test } from 'tap'
import { testDefinition } from '../check-machines.js'
import { AwaitedChanges } from '../test-world.js'
import { makeJournal } from './event-journal.js'
import { machineArguments } from './machine-arguments.js'
import { journalBeside, placesOf } from './machine-places.js'
import { madeUp, writeProcess } from './test-processes.js'

const { signal } = new AbortController()

test('watch() tells when a machine of ours ends by itself, goes on, or gets another name, and list() has it so', async (t) => {
  const definition = testDefinition()
  const { uuid } = definition
  const places = placesOf(uuid, { root: testFolder(t), stateFolder: '/absent' })
  mkdirSync(places.socketFolder, { recursive: true })
  await makeJournal(places.journal)
  let name: string | undefined
  const { driver, procFolder } = madeUp(t, {
    names: '*-now',
    managedName: async (asked: string) => await Promise.resolve(asked === uuid ? name : undefined),
  })
  writeProcess({ procFolder, id: 7, argv: ['qemu-kvm', ...machineArguments({ definition, places })] })
  const changes = new AwaitedChanges()
  await driver.watch(changes.onChange).then((unwatch) => t.teardown(unwatch))
  t.same(await driver.list(signal), [], 'it was started under another name')
  const change = async (make: () => void): Promise<unknown> => {
    const before = changes.count
    make()
    await driver.lookNow()
    t.equal(changes.count, before + 1)
    return await driver.list(signal)
  }
  const sockets = { [hostToGuest]: places.hostToGuest, [guestToHost]: places.guestToHost }
  t.same(await change(() => (name = 'web1-now')), [{ name, uuid, state: 'running', sockets }])
  const tell = (event: string): void => appendFileSync(`${places.journal}.out`, `{"event": "${event}"}\r\n`)
  t.same(await change(() => tell('GUEST_PANICKED')), [{ name, uuid, state: 'off', sockets: {} }])
  t.same(await change(() => tell('RESUME')), [{ name, uuid, state: 'running', sockets }])
})

test('journalBeside() knows only monitors that lie where ours do', (t) => {
  const { uuid } = testDefinition()
  for (const root of ['/', '/tmp/root']) {
    const { monitor, journal } = placesOf(uuid, { root, stateFolder: '/absent' })
    t.equal(journalBeside(monitor, uuid), journal)
  }
  t.equal(journalBeside(join('/run/negotiator-guests', uuid, 'other.sock'), uuid), undefined)
  t.equal(journalBeside(join('/run/libvirt', uuid, 'qmp.sock'), uuid), undefined)
  t.equal(journalBeside('/qmp.sock', uuid), undefined)
  t.end()
})
