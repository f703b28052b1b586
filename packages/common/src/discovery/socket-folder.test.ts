import { once } from 'node:events'
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { testFolder } from '../test-folder.js'
import { guestToHost, hostToGuest } from './channel-names.js'
import type { ChannelName } from './channel-names.js'
import { isGuestFile, readSocketFolder } from './socket-folder.js'

const uuid = '4f6c0f0e-3a0b-4c7e-9d55-0123456789ab'

/** A guest's folder with sockets for these channels. */
async function makeGuest(
  t: Test,
  folder: string,
  channels: readonly ChannelName[] = [hostToGuest],
): Promise<string> {
  mkdirSync(folder)
  for (const channel of channels) {
    const server = createServer().listen(join(folder, `${channel}.sock`))
    t.teardown(() => server.close())
    await once(server, 'listening')
  }
  return folder
}

test('readSocketFolder() gives each guest with the sockets that it has', async (t) => {
  const folder = testFolder(t)
  await makeGuest(t, join(folder, 'web2'))
  await makeGuest(t, join(folder, 'web1'), [hostToGuest, guestToHost])
  const both = {
    [hostToGuest]: `${folder}/web1/${hostToGuest}.sock`,
    [guestToHost]: `${folder}/web1/${guestToHost}.sock`,
  }
  t.same(await readSocketFolder(folder), {
    guests: [
      { name: 'web1', uuid: undefined, sockets: both },
      { name: 'web2', uuid: undefined, sockets: { [hostToGuest]: `${folder}/web2/${hostToGuest}.sock` } },
    ],
    problems: [],
  })
})

test('readSocketFolder() takes any name that a folder can have', async (t) => {
  const folder = testFolder(t)
  const names = ['...', '.hidden', '-x', 'Web server, 1', 'wörld']
  for (const name of names) await makeGuest(t, join(folder, name))
  t.same((await readSocketFolder(folder)).guests.map(({ name }) => name).sort(), [...names].sort())
})

test('readSocketFolder() follows links to guests and to sockets', async (t) => {
  const [folder, elsewhere] = [testFolder(t), testFolder(t)]
  const guest = await makeGuest(t, join(elsewhere, 'guest'))
  symlinkSync(guest, join(folder, 'web1'))
  mkdirSync(join(folder, 'web2'))
  symlinkSync(join(guest, `${hostToGuest}.sock`), join(folder, 'web2', `${hostToGuest}.sock`))
  t.same(
    (await readSocketFolder(folder)).guests.map(({ name }) => name),
    ['web1', 'web2'],
  )
})

test('readSocketFolder() passes over what is no guest', async (t) => {
  const folder = testFolder(t)
  writeFileSync(join(folder, 'file'), '')
  symlinkSync('file', join(folder, 'link-to-file'))
  symlinkSync('absent', join(folder, 'link-to-nothing'))
  mkdirSync(join(folder, 'empty'))
  mkdirSync(join(folder, 'no-socket'))
  writeFileSync(join(folder, 'no-socket', `${hostToGuest}.sock`), '')
  t.same(await readSocketFolder(folder), { guests: [], problems: [] })
})

test('readSocketFolder() takes the uuid from the file of that name', async (t) => {
  const folder = testFolder(t)
  writeFileSync(join(await makeGuest(t, join(folder, 'web1')), 'uuid'), `${uuid.toUpperCase()}\n`)
  t.match(await readSocketFolder(folder), { guests: [{ name: 'web1', uuid }], problems: [] })
})

test('readSocketFolder() says which uuid it cannot tell, and gives the guest without', async (t) => {
  const folder = testFolder(t)
  const file = async (name: string): Promise<string> => join(await makeGuest(t, join(folder, name)), 'uuid')
  writeFileSync(await file('a-text'), 'web1')
  mkdirSync(await file('b-folder'))
  const long = await file('c-long')
  writeFileSync(long, uuid)
  truncateSync(long, 1_000_000_000)
  symlinkSync('uuid', await file('d-loop'))
  const { guests, problems } = await readSocketFolder(folder)
  t.same(
    guests.map((guest) => guest.uuid),
    [undefined, undefined, undefined, undefined],
  )
  t.equal(
    problems[0],
    `Cannot tell the uuid of the guest "a-text" from "${folder}/a-text/uuid": it does not hold a uuid`,
  )
  t.match(problems[1], /it does not hold a uuid/)
  t.match(problems[2], /it does not hold a uuid/)
  t.match(problems[3], /ELOOP/)
})

test('readSocketFolder() fails as the system does', async (t) => {
  await t.rejects(readSocketFolder(join(testFolder(t), 'absent')), { code: 'ENOENT' })
})

test('isGuestFile() knows the files that say something of a guest', (t) => {
  for (const name of ['uuid', `${hostToGuest}.sock`, `${guestToHost}.sock`]) t.ok(isGuestFile(name), name)
  for (const name of ['', 'uuid.tmp', hostToGuest, 'disk.img']) t.notOk(isGuestFile(name), name)
  t.end()
})
