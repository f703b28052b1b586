import { execFileSync, spawn } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { localHello } from '../agent/local-hello.js'
import { systemClock } from '../clock.js'
import { heartbeatDeadMs, heartbeatIntervalMs } from '../limits.js'
import { silentLog } from '../log.js'
import type { ServingStream } from '../session/serving-stream.js'
import { testFolder } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'
import { Client } from './client.js'
import { ControlServer } from './server.js'

type Answer = (stream: ServingStream) => void

async function listen(path: string, answer: Answer = () => undefined): Promise<ControlServer> {
  return await ControlServer.listen({
    path,
    answer,
    hello: await localHello('host'),
    clock: systemClock,
    log: silentLog,
    heartbeat: { intervalMs: heartbeatIntervalMs, deadMs: heartbeatDeadMs },
  })
}

async function listening(test: Teardown, path: string, answer?: Answer): Promise<ControlServer> {
  const server = await listen(path, answer)
  test.teardown(async () => await server.close())
  return server
}

async function connected(test: Teardown, path: string): Promise<Client> {
  const client = await Client.connect({ path, hello: await localHello('program') })
  test.teardown(() => client.close())
  return client
}

test('a socket that a dead daemon left behind is replaced', async (t) => {
  const path = join(testFolder(t), 'host.sock')
  const die = "net.createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))"
  t.throws(() => execFileSync(process.execPath, ['--eval', die, path], { stdio: 'ignore' }))
  t.ok(statSync(path).isSocket())
  await listening(t, path)
  await connected(t, path)
})

test('a second daemon is told to stop the first, which goes on', async (t) => {
  const path = join(testFolder(t), 'host.sock')
  await listening(t, path)
  const message = `Cannot start the daemon: another one answers on "${path}"; stop that one first`
  await t.rejects(listen(path), { name: 'SystemError', code: 'already-running', message })
  await connected(t, path)
})

test('a path that the kernel does not take is refused by name', async (t) => {
  const path = join(testFolder(t), 'x'.repeat(100), 'host.sock')
  await t.rejects(listen(path), { code: 'socket-path-too-long', message: /the kernel takes at most 107/ })
})

test('close() removes the socket, ends all sessions and may be followed by a new start', async (t) => {
  const path = join(testFolder(t), 'host.sock')
  const server = await listen(path)
  const client = await connected(t, path)
  const call = client.call({ target: 'web1', command: 'any' })
  await server.close()
  t.match(await call.result, { kind: 'lost' })
  t.notOk(existsSync(path))
  await listening(t, path)
})

test('close() does not wait for a program that has stopped reading', async (t) => {
  const path = join(testFolder(t), 'host.sock')
  const streams: ServingStream[] = []
  const server = await listen(path, (stream) => void streams.push(stream))
  const program = `
    import { localHello } from '${import.meta.resolve('../agent/local-hello.js')}'
    import { Client } from '${import.meta.resolve('./client.js')}'
    const client = await Client.connect({ path: ${JSON.stringify(path)}, hello: await localHello('program') })
    client.call({ target: 'web1', command: 'any' }).stdout.resume()`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'inherit' })
  t.teardown(() => child.kill('SIGKILL'))
  while (streams.length === 0) await new Promise<void>((resolve) => setImmediate(resolve))
  child.kill('SIGSTOP')
  streams[0]?.stdout.write(Buffer.alloc(1024 * 1024))
  await new Promise<void>((resolve) => setImmediate(resolve))
  await server.close()
  t.notOk(existsSync(path))
})
