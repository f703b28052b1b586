import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'tap'
import { localHello } from '../agent/local-hello.js'
import { systemClock } from '../clock.js'
import { silentLog } from '../log.js'
import { testFolder } from '../test-folder.js'
import { ControlServer } from './server.js'
import { letGroupIn } from './socket-place.js'

const isRoot = process.getuid?.() === 0
const rootOnly = isRoot ? {} : { skip: 'only root can give a folder away' }

async function listen(path: string): Promise<ControlServer> {
  return await ControlServer.listen({
    path,
    answer: () => undefined,
    hello: await localHello('host'),
    clock: systemClock,
    log: silentLog,
    heartbeat: { intervalMs: 5_000, deadMs: 15_000 },
  })
}

/** Another process, which looks at the path without a pause and tells each mode that it sees. */
const watcher = `
  const { lstatSync } = require('node:fs')
  const seen = new Set()
  let isOver = false
  process.on('SIGTERM', () => { isOver = true })
  const look = () => {
    for (let time = 0; time < 1000; time += 1) {
      const stats = lstatSync(process.argv[1], { throwIfNoEntry: false })
      if (stats !== undefined) seen.add((stats.mode & 0o7777).toString(8))
    }
    if (isOver) return console.log([...seen].join(' '))
    setImmediate(look)
  }
  console.log('looking')
  look()`

test("the control socket is its owner's from the first instant, as another process sees it, whatever the umask", async (t) => {
  const path = join(testFolder(t), 'host.sock')
  const child = spawn(process.execPath, ['-e', watcher, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  const umask = process.umask(0)
  t.teardown(() => process.umask(umask))
  for (let round = 0; round < 20; round += 1) await (await listen(path)).close()
  t.equal(process.umask(0), 0, 'the umask is as it was')
  const server = await listen(path)
  t.teardown(async () => await server.close())
  child.kill('SIGTERM')
  const [seen] = (await once(child.stdout, 'data')) as [Buffer]
  t.equal(seen.toString(), '600\n')
})

test("letGroupIn() opens the socket to its group, once it is the group's", rootOnly, async (t) => {
  const path = join(testFolder(t), 'host.sock')
  const server = await listen(path)
  t.teardown(async () => await server.close())
  const groupFile = join(dirname(path), 'group')
  writeFileSync(groupFile, 'root:x:0:\n')
  await letGroupIn({ path, what: 'control socket', log: silentLog, groupFile })
  t.equal((statSync(path).mode & 0o7777).toString(8), '600', 'there is no such group')
  writeFileSync(groupFile, 'root:x:0:\nnegotiator:x:4242:ada\n')
  await letGroupIn({ path, what: 'control socket', log: silentLog, groupFile })
  const { mode, uid, gid } = statSync(path)
  t.same([(mode & 0o7777).toString(8), uid, gid], ['660', 0, 4242])
})

test('the folder of the control socket is made, and only its owner may write to it, whatever the umask', async (t) => {
  for (const mask of [0, 0o077]) {
    const path = join(testFolder(t), 'run/negotiator/host.sock')
    const umask = process.umask(mask)
    const server = await listen(path)
    process.umask(umask)
    t.teardown(async () => await server.close())
    t.equal((statSync(dirname(path)).mode & 0o7777).toString(8), '755')
  }
})

test('a folder that others may write to is refused', async (t) => {
  const folder = testFolder(t)
  for (const mode of [0o777, 0o775, 0o1777]) {
    chmodSync(folder, mode)
    const why = `others than its owner may write to "${folder}", and could take its place; chmod go-w that folder`
    const path = join(folder, 'host.sock')
    await t.rejects(listen(path), {
      code: 'socket-failed',
      message: `Cannot listen on the control socket "${path}": ${why}`,
    })
    t.notOk(existsSync(path))
  }
})

test('a folder of another user is refused', rootOnly, async (t) => {
  const folder = testFolder(t)
  chownSync(folder, 65534, 65534)
  await t.rejects(listen(join(folder, 'host.sock')), {
    code: 'socket-failed',
    message: /: "[^"]*" is owned by user 65534, who could take its place; chown it to root$/,
  })
})

test('a symbolic link in its place is refused, wherever it leads', async (t) => {
  const folder = testFolder(t)
  const path = join(folder, 'host.sock')
  writeFileSync(join(folder, 'precious'), 'data')
  symlinkSync(join(folder, 'precious'), path)
  const why = 'a symbolic link is there, and the daemon follows none; remove it'
  const message = `Cannot listen on the control socket "${path}": ${why}`
  await t.rejects(listen(path), { code: 'socket-failed', message })
  t.equal(readFileSync(join(folder, 'precious'), 'utf8'), 'data')
})

test('what is no socket is left alone', async (t) => {
  const path = join(testFolder(t), 'precious')
  writeFileSync(path, 'data')
  const why = 'something else is there that is no socket; move it away'
  const message = `Cannot listen on the control socket "${path}": ${why}`
  await t.rejects(listen(path), { code: 'socket-failed', message })
  t.equal(readFileSync(path, 'utf8'), 'data')
  const folder = join(dirname(path), 'folder')
  mkdirSync(folder)
  await t.rejects(listen(folder), { code: 'socket-failed' })
})

test('a folder that cannot be made says why', async (t) => {
  const folder = testFolder(t)
  writeFileSync(join(folder, 'file'), '')
  await t.rejects(listen(join(folder, 'file/host.sock')), {
    code: 'socket-failed',
    message: /^Cannot listen on the control socket ".*": E[A-Z]+$/,
  })
})

test('a user who may not write there is told to run it as root', rootOnly, async (t) => {
  const folder = testFolder(t)
  chmodSync(folder, 0o755)
  const program = `
    const { clearPlace } = await import(${JSON.stringify(import.meta.resolve('./socket-place.js'))})
    await clearPlace({ path: process.argv[1], what: 'control socket' }).catch(({ message }) => console.log(message))`
  const { stdout } = await promisify(execFile)(
    'setpriv',
    [
      '--reuid',
      '65534',
      '--clear-groups',
      process.execPath,
      '--input-type=module',
      '-e',
      program,
      join(folder, 'run/host.sock'),
    ],
    { cwd: '/' },
  )
  t.match(stdout, /: permission denied; run as root, or choose another folder with --root\n$/)
})
