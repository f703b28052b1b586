import { chmodSync, chownSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { hostToGuest } from '@negotiator/common'
import { testFolder, testStatus } from '@negotiator/common/testing'
import { testSocket } from '../drivers/test-world.js'
import { filesOfGuest, socketFilesCheck } from './socket-files.js'
import { testGuest, testHostScene } from './test-host-scene.js'

const daemon = { kind: 'answers', status: testStatus() } as const

test('a socket that is there is well', async (t) => {
  const path = join(testFolder(t), 'a.sock')
  await testSocket({ test: t, path })
  const scene = await testHostScene(t, { daemon, guests: [testGuest({ sockets: { [hostToGuest]: path } })] })
  t.same(await socketFilesCheck.look(scene), [])
})

test('a folder, then a socket that is missing is told, until it is there', async (t) => {
  const folder = join(testFolder(t), 'channels')
  const path = join(folder, 'a.sock')
  const scene = await testHostScene(t, { daemon, guests: [testGuest({ sockets: { [hostToGuest]: path } })] })
  t.match(await socketFilesCheck.look(scene), [
    {
      severity: 'error',
      code: 'channel-folder-missing',
      guest: 'web1',
      found: `the folder "${folder}" of its channels does not exist`,
      mend: new RegExp(`^mkdir -p ${folder} && chown `),
    },
  ])
  mkdirSync(folder)
  t.match(await socketFilesCheck.look(scene), [
    {
      severity: 'error',
      code: 'socket-missing',
      found: `the socket of ${hostToGuest} is not there: "${path}"`,
    },
  ])
  writeFileSync(path, '')
  t.match(await socketFilesCheck.look(scene), [{ code: 'not-a-socket', mend: new RegExp(`^rm -r ${path} `) }])
  rmSync(path)
  await testSocket({ test: t, path })
  t.same(await socketFilesCheck.look(scene), [])
})

test('what both channels share is told once', async (t) => {
  const findings = await socketFilesCheck.look(
    await testHostScene(t, {
      guests: [
        testGuest({ sockets: { [hostToGuest]: '/nowhere/a', 'negotiator-guest-to-host.0': '/nowhere/b' } }),
      ],
    }),
  )
  t.match(findings, [{ code: 'channel-folder-missing' }])
  t.equal(findings.length, 1)
})

test('a path that the kernel does not take is told', async (t) => {
  const sockets = { [hostToGuest]: `/run/${'long'.repeat(30)}` }
  t.match(await socketFilesCheck.look(await testHostScene(t, { guests: [testGuest({ sockets })] })), [
    { severity: 'error', code: 'socket-path-too-long', found: /at most 107/ },
  ])
})

test('a folder that everybody may write to is told, until nobody may', async (t) => {
  const folder = testFolder(t)
  const path = join(folder, 'a.sock')
  await testSocket({ test: t, path })
  chmodSync(folder, 0o777)
  const scene = await testHostScene(t, { daemon, guests: [testGuest({ sockets: { [hostToGuest]: path } })] })
  t.match(await socketFilesCheck.look(scene), [
    { severity: 'warning', code: 'channel-folder-open', mend: `chmod o-w ${folder}` },
  ])
  chmodSync(folder, 0o755)
  t.same(await socketFilesCheck.look(scene), [])
})

test('a daemon that may not pass a folder, or write to the socket, is told where it ends', async (t) => {
  const folder = testFolder(t)
  const path = join(folder, 'a.sock')
  await testSocket({ test: t, path })
  const guest = testGuest({ sockets: { [hostToGuest]: path } })
  const user = { id: 4242, groupIds: [] }
  chmodSync(folder, 0o700)
  t.match(await filesOfGuest(guest, user), [
    {
      severity: 'error',
      code: 'socket-denied',
      found: new RegExp(`^user 4242, whom the daemon runs as, may not pass "${folder}" .*mode 700`),
      mend: `Run the daemon as root, or: setfacl -m u:4242:x ${folder}`,
    },
  ])
  chmodSync(folder, 0o755)
  chmodSync(path, 0o660)
  t.match(await filesOfGuest(guest, user), [
    { code: 'socket-denied', found: new RegExp(`may not write to "${path}"`), mend: /:rw / },
  ])
  const group = { ...user, groupIds: [statSync(path).gid] }
  t.same(await filesOfGuest(guest, group), [], 'but its group may')
  t.same(await filesOfGuest(guest, { id: 0, groupIds: [] }), [], 'and root')
})

test('an owner has the rights of the owner, also when others have more', async (t) => {
  const folder = testFolder(t)
  const path = join(folder, 'a.sock')
  await testSocket({ test: t, path })
  // Root may do everything, so it gives the socket away.
  const id = process.geteuid?.() === 0 ? 4242 : statSync(path).uid
  chownSync(path, id, statSync(path).gid)
  chmodSync(folder, 0o755)
  const guest = testGuest({ sockets: { [hostToGuest]: path } })
  chmodSync(path, 0o466)
  t.match(await filesOfGuest(guest, { id, groupIds: [] }), [{ code: 'socket-denied' }])
  chmodSync(path, 0o600)
  t.same(await filesOfGuest(guest, { id, groupIds: [] }), [])
})
