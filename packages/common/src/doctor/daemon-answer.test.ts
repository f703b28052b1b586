import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { localHello } from '../agent/local-hello.js'
import { systemClock } from '../clock.js'
import { ControlServer } from '../control/server.js'
import { FakeClock, settle } from '../fake-clock.js'
import { silentLog } from '../log.js'
import type { ServingStream } from '../session/serving-stream.js'
import { testFolder, writeCommand } from '../test-folder.js'
import { untilSeen } from '../agent/test-agents.js'
import { testDaemons } from '../terminal/test-daemons.js'
import { version } from '../version.js'
import { askDaemon } from './daemon-answer.js'

test('askDaemon() gives what the daemon says of itself and its peers', async (t) => {
  const { path } = await testDaemons(t)
  t.match(await askDaemon({ path }), {
    kind: 'answers',
    status: {
      version,
      processId: process.pid,
      refused: [],
      drivers: [],
      peers: [{ name: 'web1', uuid: '6d1f', state: 'ready', agent: version }],
    },
  })
})

test('askDaemon() gives what the daemon does not run, why, and what must be mended', async (t) => {
  const { path, host, guest, toHost } = await testDaemons(t)
  const [folder, script] = [host.folder, 'exit 0']
  writeCommand({ folder, name: 'bad', script })
  writeFileSync(join(folder, 'bad.toml'), 'nicer = 1', { mode: 0o644 })
  writeCommand({ folder, name: 'good', script })
  await untilSeen(guest.agent, () => toHost.commands?.length === 1)
  const reason = 'its settings cannot be used: line 1: there is no setting "nicer"; did you mean "nice"?'
  t.match(await askDaemon({ path }), {
    status: { refused: [{ path: join(folder, 'bad'), reason, culprit: join(folder, 'bad.toml') }] },
  })
})

test('askDaemon() tells a daemon that was never started from one that has died', async (t) => {
  const path = join(testFolder(t), 'host.sock')
  t.same(await askDaemon({ path }), { kind: 'missing' })
  const code = `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('here'))`
  const daemon = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(daemon.stdout, 'data')
  daemon.kill('SIGKILL')
  await once(daemon, 'exit')
  t.same(await askDaemon({ path }), { kind: 'dead' })
})

test('askDaemon() does not wait for ever for a daemon that hangs', async (t) => {
  const path = join(testFolder(t), 'host.sock')
  const server = createServer(() => undefined)
  t.teardown(() => server.close())
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const clock = new FakeClock()
  const asked = askDaemon({ path, clock })
  // The first connection only looks whether anybody listens.
  await once(server, 'connection')
  await once(server, 'connection')
  while (clock.timerCount === 0) await settle()
  await clock.advance(5_000)
  t.same(await asked, { kind: 'hung' })
})

test('askDaemon() tells that we may not connect', async (t) => {
  const folder = testFolder(t)
  const path = join(folder, 'host.sock')
  const server = createServer(() => undefined)
  t.teardown(() => server.close())
  await new Promise<void>((resolve) => server.listen(path, resolve))
  chmodSync(path, 0)
  const isRoot = process.geteuid?.() === 0
  if (isRoot) {
    chownSync(folder, 65_534, 65_534)
    process.seteuid?.(65_534)
  }
  const answer = await askDaemon({ path }).finally(() => isRoot && process.seteuid?.(0))
  t.same(answer, { kind: 'denied' })
})

test('askDaemon() tells what is not to be understood', async (t) => {
  const path = join(testFolder(t), `${'long'.repeat(40)}.sock`)
  t.match(await askDaemon({ path }), { kind: 'unclear', reason: /the kernel takes at most 107/ })
})

test('askDaemon() does not wait for ever for an answer, either', async (t) => {
  const path = join(testFolder(t), 'host.sock')
  const clock = new FakeClock()
  let asked: () => void = () => undefined
  const isAsked = new Promise<void>((resolve) => (asked = resolve))
  await serve(t, path, () => asked())
  const answer = askDaemon({ path, clock })
  await isAsked
  await clock.advance(5_000)
  t.same(await answer, { kind: 'hung' })
})

test('askDaemon() gives the reason when the daemon fails while it answers', async (t) => {
  const path = join(testFolder(t), 'host.sock')
  await serve(t, path, (stream) => stream.finish({ kind: 'lost', reason: 'the daemon has no memory' }))
  t.same(await askDaemon({ path }), { kind: 'unclear', reason: 'the daemon has no memory' })
})

async function serve(t: Test, path: string, answer: (stream: ServingStream) => void): Promise<void> {
  const server = await ControlServer.listen({
    path,
    hello: await localHello('host'),
    clock: systemClock,
    log: silentLog,
    heartbeat: { intervalMs: 5_000, deadMs: 15_000 },
    answer,
  })
  t.teardown(async () => await server.close())
}
