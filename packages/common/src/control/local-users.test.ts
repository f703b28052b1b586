import { execFileSync } from 'node:child_process'
import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'
import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { systemClock } from '../clock.js'
import { silentLog } from '../log.js'
import { importKoffi } from '../native/koffi.js'
import type { LocalProgram } from '../policy/caller.js'
import { testFolder } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'
import { LocalUsers } from './local-users.js'
import { openPeerCredentials } from './peer-credentials.js'
import { runOther, testControl } from './test-control.js'

const isRoot = process.getuid?.() === 0
const rootOnly = isRoot ? {} : { skip: 'only root can start a process of another user' }

/** A socket that anybody may connect to. */
async function openDoor(test: Teardown) {
  const folder = testFolder(test)
  const path = join(folder, 'any.sock')
  const server = createServer()
  test.teardown(() => server.close())
  server.listen(path)
  await once(server, 'listening')
  chmodSync(folder, 0o711)
  chmodSync(path, 0o666)
  const accepted = async <Value>(look: (socket: Socket) => Value): Promise<Value> =>
    await new Promise((resolve) =>
      server.once('connection', (socket: Socket) => {
        test.teardown(() => socket.destroy())
        resolve(look(socket))
      }),
    )
  return { path, accepted }
}

test('openPeerCredentials() tells user, groups and process of another user', rootOnly, async (t) => {
  const { path, accepted } = await openDoor(t)
  const read = openPeerCredentials(await importKoffi())
  const found = accepted(read)
  const setpriv = ['--reuid', '65534', '--regid', '65533', '--groups', '10,11,65533']
  const other = runOther(t, { path, setpriv, script: 'net.connect(path)' })
  t.same(await found, {
    processId: other.processId,
    userId: 65534,
    groupId: 65533,
    moreGroupIds: [10, 11, 65533],
  })
})

test('openPeerCredentials() tells all groups, however many', rootOnly, async (t) => {
  const { path, accepted } = await openDoor(t)
  const groups = Array.from({ length: 1000 }, (_, index) => 70_000 + index)
  const found = accepted(openPeerCredentials(await importKoffi()))
  const setpriv = ['--reuid', '65534', '--regid', '65534', '--groups', groups.join(',')]
  runOther(t, { path, setpriv, script: 'net.connect(path)' })
  t.same((await found)?.moreGroupIds, groups)
})

test(
  'openPeerCredentials() tells who connected, also when that program has become another user',
  rootOnly,
  async (t) => {
    const { path, accepted } = await openDoor(t)
    const read = openPeerCredentials(await importKoffi())
    const socket = accepted((accepted) => accepted)
    const script = `net.connect(path, () => { process.setgroups([]); process.setuid(65534); console.log('other') })`
    const other = runOther(t, { path, setpriv: ['--reuid', '0'], script })
    t.equal(await other.line(), 'other')
    t.match(read(await socket), { userId: 0, processId: other.processId })
  },
)

test('openPeerCredentials() tells nothing of a connection that is over', async (t) => {
  const { path, accepted } = await openDoor(t)
  const found = accepted((socket) => socket.destroy())
  const own = connect(path)
  own.on('error', () => undefined)
  t.teardown(() => own.destroy())
  t.equal(openPeerCredentials(await importKoffi())(await found), undefined)
})

test(
  'each call comes with its caller: the user, its groups with the primary one first, the process',
  rootOnly,
  async (t) => {
    const callers: LocalProgram[] = []
    const { connect, path } = await testControl(t, {
      answer: (stream, caller) => {
        callers.push(caller)
        stream.finish({ kind: 'exited', code: 0 })
      },
    })
    await (await connect()).run({ target: 'web1', command: 'any' })
    const client = import.meta.resolve('./client.js')
    const hello = import.meta.resolve('../agent/local-hello.js')
    const script = `(async () => {
    const [{ Client }, { localHello }] = await Promise.all([import('${client}'), import('${hello}')])
    const client = await Client.connect({ path, hello: await localHello('program') })
    const { kind } = await client.run({ target: 'web1', command: 'any' })
    console.log(kind)
    client.close()
  })()`
    const setpriv = ['--reuid', '65534', '--regid', '65534', '--groups', '1,54321,65534']
    const other = runOther(t, { path, setpriv, script })
    t.equal(await other.line(), 'exited')
    const groupName = (id: number): string =>
      execFileSync('getent', ['group', String(id)])
        .toString()
        .split(':')[0] ?? ''
    t.match(callers, [
      { kind: 'program', user: { userId: 0, userName: 'root', processId: process.pid } },
      {
        kind: 'program',
        user: {
          userId: 65534,
          userName: 'nobody',
          groupNames: [groupName(65534), groupName(1), '#54321'],
          groupIds: [65534, 1, 54321],
          processId: other.processId,
        },
      },
    ])
  },
)

test('without koffi nobody is known, calls go on, and log and status say so', async (t) => {
  const callers: LocalProgram[] = []
  const { connect, lines, server } = await testControl(t, {
    findKoffi: async () => await Promise.reject(new Error('Cannot find the native Koffi module')),
    answer: (stream, caller) => {
      callers.push(caller)
      stream.finish({ kind: 'exited', code: 0 })
    },
  })
  t.match(await (await connect()).run({ target: 'web1', command: 'any' }), { kind: 'exited' })
  t.same(callers, [{ kind: 'program', user: undefined }])
  t.match(server.status(), { localUsers: 'unknown', localPrograms: 1 })
  t.equal(lines.length, 1)
  t.match(
    lines[0],
    /^warn {2}Cannot ask the kernel who a local program is, so rules with `user:` or `group:` match nobody; install koffi beside the program, .* restart the daemon reason="Cannot find the native Koffi module"/,
  )
})

test('userOf() refuses a user with more groups than anybody has', async (t) => {
  const users = await LocalUsers.open({ findKoffi: importKoffi, clock: systemClock, log: silentLog })
  const moreGroupIds = Array.from({ length: 1024 }, (_, id) => 70_000 + id)
  await t.rejects(users.userOf({ processId: 1, userId: 0, groupId: 0, moreGroupIds }), {
    code: 'too-many-groups',
    message: 'Cannot find the names of 1025 groups: at most 1024 are looked up',
  })
})
