import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { test } from 'tap'
import { systemClock } from '../clock.js'
import { testFolder } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'
import type { Result } from '../wire/result.js'
import { startSocketCommand } from './socket-command.js'
import type { SocketStart } from './socket-command.js'
import { finishedModule, testFacts } from './test-modules.js'
import { untilPrinted } from './test-processes.js'
import type { RunningCommand } from './runner.js'

/** Starts a service that does so with each connection. */
async function service(test: Teardown, serve: (socket: Socket) => void): Promise<string> {
  const path = join(testFolder(test), 'service')
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    serve(socket)
  })
  test.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await once(server.listen(path), 'listening')
  return path
}

async function attempted(wanted: Partial<SocketStart> & { path: string }): Promise<RunningCommand | Result> {
  return await startSocketCommand({ args: [], facts: testFacts, hasStdin: false, ...wanted }, systemClock)
}

async function started(wanted: Partial<SocketStart> & { path: string }): Promise<RunningCommand> {
  const running = await attempted(wanted)
  if ('kind' in running) throw new Error(`did not start: ${JSON.stringify(running)}`)
  return running
}

/** Answers with all that it was sent, once that has ended. */
function sendBack(socket: Socket): void {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.once('end', () => socket.end(Buffer.concat(chunks)))
}

test('a service reads who calls in one line, and then the end', async (t) => {
  const path = await service(t, sendBack)
  const running = await started({ path, args: ['a\nb', '', 'ü"\u2028'] })
  t.equal(running.stdin, undefined)
  const { result, stdout, stderr } = await finishedModule(running)
  t.same([result, stderr], [{ kind: 'exited', code: 0 }, ''])
  t.equal(stdout.indexOf('\n'), stdout.length - 1, 'one line')
  t.same(JSON.parse(stdout), {
    command: 'tested',
    args: ['a\nb', '', 'ü"\u2028'],
    caller: 'web1',
    callerKind: 'guest',
    callerUuid: '6d1f',
    guest: 'web1',
    callId: 'b2c1',
  })
})

test('standard input follows the line, byte for byte, with its end', async (t) => {
  const path = await service(t, sendBack)
  const running = await started({ path, hasStdin: true })
  const finished = finishedModule(running)
  running.stdin?.end('x'.repeat(5_000_000))
  const { stdout } = await finished
  t.equal(stdout.slice(stdout.indexOf('\n') + 1), 'x'.repeat(5_000_000))
})

test('a service may answer and end before its caller has sent all', async (t) => {
  const path = await service(t, (socket) => {
    socket.on('data', () => undefined)
    socket.end('enough')
  })
  const running = await started({ path, hasStdin: true })
  t.match(await finishedModule(running), {
    result: { kind: 'exited', code: 0 },
    stdout: 'enough',
    stderr: '',
  })
})

test('a service that is not there says so, and names no path', async (t) => {
  const gone = await service(t, sendBack)
  rmSync(gone)
  const folder = testFolder(t)
  const cases: [path: string, reason: string][] = [
    [gone, 'its service does not run'],
    [join(folder, 'x'.repeat(100)), 'the path of its socket is longer than 107 bytes'],
    [import.meta.filename, 'its service does not run'],
    [join(import.meta.filename, 'below'), 'its service cannot be reached: ENOTDIR'],
  ]
  for (const [path, reason] of cases) t.same(await attempted({ path }), { kind: 'failed-to-start', reason })
})

test('a connection that breaks is told apart from an answer', async (t) => {
  const path = await service(t, (socket) => {
    socket.write('half an ')
    // Gone with a part of the input unread.
    socket.once('readable', () => socket.destroy())
  })
  const running = await started({ path, hasStdin: true })
  running.stdin?.on('error', () => undefined)
  const finished = finishedModule(running)
  running.stdin?.write('x'.repeat(1_000_000))
  const { result, stderr } = await finished
  t.same(result, { kind: 'exited', code: 70 })
  t.equal(stderr, 'tested: the connection to its service broke\n')
})

test('stop() takes the connection from the service', async (t) => {
  let tellLeft: () => void = () => undefined
  const left = new Promise<void>((resolve) => (tellLeft = resolve))
  const path = await service(t, (socket) => {
    socket.write('working')
    socket.resume()
    socket.once('end', () => tellLeft())
  })
  const running = await started({ path, hasStdin: true })
  await untilPrinted(running, 'working')
  running.signal('SIGUSR1')
  running.signal('SIGTERM')
  running.stop()
  t.same(await running.ended, { kind: 'signalled', signal: 'SIGTERM' })
  await left
})

test('stop() after the end changes nothing', async (t) => {
  const path = await service(t, sendBack)
  const running = await started({ path })
  const { result } = await finishedModule(running)
  running.stop()
  t.same(result, { kind: 'exited', code: 0 })
})

test('a service is not read faster than its caller reads', async (t) => {
  let written = 0
  const path = await service(t, (socket) => {
    socket.resume()
    const write = (): void => {
      while (written < 50_000_000) {
        written += 65_536
        if (!socket.write(Buffer.alloc(65_536))) return void socket.once('drain', write)
      }
      socket.end()
    }
    write()
  })
  const running = await started({ path })
  running.stderr.resume()
  let before = -1
  while (before < written || written === 0) {
    before = written
    for (let turn = 0; turn < 20; turn += 1) await setImmediate()
  }
  t.ok(written < 2_000_000, `${written} bytes were written without a reader`)
  let received = 0
  running.stdout.on('data', (chunk: Buffer) => (received += chunk.length))
  t.same(await running.ended, { kind: 'exited', code: 0 })
  t.equal(received, written)
})
