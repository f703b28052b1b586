import { once } from 'node:events'
import type { Socket } from 'node:net'
import { test } from 'tap'
import { localHello } from '../agent/local-hello.js'
import { systemClock } from '../clock.js'
import { FakeClock, settle } from '../fake-clock.js'
import { SocketChannel } from '../channel/socket-channel.js'
import { silentLog } from '../log.js'
import { newCounters } from '../session/counters.js'
import { Endpoint } from '../session/endpoint.js'
import {
  controlConnectionsMax,
  controlConnectionsPerUserMax,
  controlListsMax,
  controlOpeningPatienceMs,
  controlPieceBytes,
} from './limits.js'
import { readTurnMs, heartbeatDeadMs, heartbeatIntervalMs, logBurstMax } from '../limits.js'
import { CallerHandshake } from '../session/handshake.js'
import type { ServingStream } from '../session/serving-stream.js'
import { Doorkeeper } from './doorkeeper.js'
import { ReadTurns } from '../channel/read-turns.js'
import { runOther, testControl } from './test-control.js'

const isRoot = process.getuid?.() === 0
const rootOnly = isRoot ? {} : { skip: 'only root can start a process of another user' }

const outcome = { kind: 'exited', code: 0 }
const call = { target: 'web1', command: 'any' }

async function closed(socket: Socket): Promise<void> {
  socket.resume()
  if (!socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()))
}

test('a user with too many connections is kept out, and nobody else', rootOnly, async (t) => {
  const { connect, path, server, lines } = await testControl(t)
  const script = `
    let isIn = 0
    let isOut = 0
    const told = () => { if (isIn + isOut === ${controlConnectionsPerUserMax + 20}) console.log(isIn, isOut) }
    for (let count = 0; count < ${controlConnectionsPerUserMax + 20}; count += 1) {
      const socket = net.connect(path).on('error', () => {}).on('close', () => { isOut += 1; isIn -= 1; told() })
      socket.on('connect', () => { isIn += 1; told() }).resume()
    }
    setInterval(() => { if (isOut === 20) console.log('out', isOut) }, 50)`
  const other = runOther(t, {
    path,
    script,
    setpriv: ['--reuid', '65534', '--regid', '65534', '--clear-groups'],
  })
  let line = await other.line()
  while (line !== 'out 20') line = await other.line()
  t.equal(server.status()['localPrograms'], controlConnectionsPerUserMax)
  t.match(await (await connect()).run(call), outcome)
  t.match(lines[0], 'A connection to the control socket is closed reason="user 65534 has 128 already"')
  t.equal(lines.length, logBurstMax, 'the log is spared')
})

test('enter() keeps places for root and the own user, and gives back what was left', (t) => {
  const door = new Doorkeeper({ ownUserId: 7 })
  for (let count = 0; count < controlConnectionsMax; count += 1) t.equal(door.enter(1000 + count), undefined)
  t.equal(door.enter(999), 'there are 512 already')
  t.equal(door.enter(0), undefined)
  t.equal(door.enter(7), undefined)
  door.leave(0)
  door.leave(7)
  door.leave(1000)
  t.equal(door.enter(999), undefined)
  t.equal(door.count, controlConnectionsMax)
  t.end()
})

test('a program that says nothing is let go, and one that has a session is not', async (t) => {
  const clock = new FakeClock()
  const { connect, connectRaw, server } = await testControl(t, { clock })
  const client = await connect()
  const silent = await connectRaw()
  while (server.status()['localPrograms'] !== 2) await new Promise<void>((resolve) => setImmediate(resolve))
  await clock.advance(controlOpeningPatienceMs)
  await closed(silent)
  t.match(await client.run(call), outcome)
})

test('a program that floods with what is not our protocol is let go, and the others are served', async (t) => {
  const { connect, connectRaw, lines } = await testControl(t)
  const client = await connect()
  const raw = await connectRaw()
  raw.write(Buffer.alloc(300_000, 'garbage {"method": "negotiator-open", "bytes": "'))
  t.match(await client.run(call), outcome)
  await closed(raw)
  t.match(lines, [
    /A local program does not speak our protocol; its connection is closed userId=\d+ processId=\d+/,
  ])
  t.match(await client.run(call), outcome)
})

test('a connection has one session: the second ends it', async (t) => {
  const { connectRaw } = await testControl(t, { clock: new FakeClock() })
  const handshake = new CallerHandshake(await localHello('program'))
  const raw = await connectRaw()
  for (const isSecond of [false, true]) {
    handshake.renew()
    raw.write(handshake.opening())
    if (isSecond) await closed(raw)
    else await once(raw, 'data')
  }
  t.ok(raw.closed)
})

test('a program that does not read is let go, though it says that it lives', async (t) => {
  const clock = new FakeClock()
  const held: ServingStream[] = []
  const { connect, connectRaw, lines } = await testControl(t, {
    clock,
    answer: (stream) => void held.push(stream),
  })
  await connect()
  const raw = await connectRaw()
  const endpoint = new Endpoint({
    channel: new SocketChannel(raw, 'raw'),
    role: 'caller',
    hello: await localHello('program'),
    clock: systemClock,
    log: silentLog,
    counters: newCounters(),
    heartbeat: { intervalMs: heartbeatIntervalMs, deadMs: heartbeatDeadMs },
    listener: {
      session: (session) => {
        for (let count = 0; count < 10; count += 1) session.open({ ask: 'peers' })
        setImmediate(() => raw.pause())
      },
      call: () => undefined,
      sessionEnded: () => undefined,
      refused: () => undefined,
      closed: () => undefined,
    },
  })
  endpoint.start()
  while (held.length < 10) await new Promise<void>((resolve) => setImmediate(resolve))
  for (const stream of held) stream.stdout.write(Buffer.alloc(1024 * 1024))
  await settle()
  await clock.advance(heartbeatDeadMs / 2)
  void endpoint.session?.ping()
  await new Promise<void>((resolve) => setTimeout(resolve, 50))
  await clock.advance(heartbeatDeadMs / 2)
  t.match(lines, [/A local program does not read its answers; its connection is closed/])
})

test('lists beyond a bound are busy, and say what to do', async (t) => {
  const held: ServingStream[] = []
  const { connect } = await testControl(t, { answer: (stream) => void held.push(stream) })
  const client = await connect()
  const all = Array.from({ length: controlListsMax + 1 }, async () => await client.status())
  await t.rejects(Promise.all(all), {
    message: '64 lists are asked for on this connection already; read those first',
  })
  t.equal(held.length, controlListsMax)
  for (const stream of held) stream.finish({ kind: 'exited', code: 0 })
  await Promise.allSettled(all)
})

test('take() ends a turn that has taken long enough, and goes on in later turns, one source after another', async (t) => {
  let nowMs = 0
  const turns = new ReadTurns({ ...systemClock, now: () => nowMs }, controlPieceBytes)
  const told: string[] = []
  const source = (name: string) => ({
    pause: () => void told.push(`${name} waits`) as never,
    resume: () => void told.push(`${name} reads`) as never,
  })
  const [one, other, gone] = [source('one'), source('other'), source('gone')]
  const take = (name: string, costMs: number) => (piece: Buffer) => {
    nowMs += costMs
    told.push(`${name} ${piece.length}`)
  }
  turns.take(one, { bytes: Buffer.alloc(2 * controlPieceBytes + 1), take: take('one', readTurnMs) })
  turns.take(other, { bytes: Buffer.alloc(5), take: take('other', 0) })
  turns.take(one, { bytes: Buffer.alloc(3), take: take('one', 0) })
  turns.take(gone, { bytes: Buffer.alloc(7), take: take('gone', 0) })
  turns.forget(gone)
  t.same(told.splice(0), [`one ${controlPieceBytes}`, 'one waits', 'other waits', 'gone waits'])
  while (!told.includes('one reads')) await new Promise<void>((resolve) => setImmediate(resolve))
  t.same(told, [`one ${controlPieceBytes}`, 'other 5', 'other reads', 'one 1', 'one 3', 'one reads'])
})
