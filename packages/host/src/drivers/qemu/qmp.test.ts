import { EventEmitter, once } from 'node:events'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { PeerError, systemClock } from '@negotiator/common'
import { FakeClock, testFolder } from '@negotiator/common/testing'
import { test } from 'tap'
import type { Test } from 'tap'
import { testSocket } from '../test-world.js'
import { askQemu } from './qmp.js'

const greeting = {
  QMP: { version: { qemu: { micro: 0, minor: 0, major: 10 }, package: '' }, capabilities: ['oob'] },
}
const stopEvent = { timestamp: { seconds: 1, microseconds: 2 }, event: 'STOP' }

interface Monitor {
  readonly path: string
  /** The commands that it was given. */
  readonly commands: readonly string[]
  /** Resolves when its client has left. */
  readonly left: Promise<unknown>
}

/** A monitor that takes commands as QEMU's does, each answered with `answer`. */
async function monitor(t: Test, answer: (command: string) => readonly unknown[]): Promise<Monitor> {
  const path = join(testFolder(t), 'qmp')
  const commands: string[] = []
  const clients = new EventEmitter()
  const left = once(clients, 'left')
  const serve = (client: Socket): void => {
    const say = (messages: readonly unknown[]): void => {
      for (const message of messages) client.write(`${JSON.stringify(message)}\r\n`)
    }
    say([greeting])
    client.on('close', () => clients.emit('left'))
    createInterface({ input: client }).on('line', (line) => {
      const { execute } = JSON.parse(line) as { execute: string }
      commands.push(execute)
      say(answer(execute))
    })
  }
  await testSocket({ test: t, path, serve })
  return { path, commands, left }
}

/** A socket that says the same to everybody. */
async function talker(t: Test, pieces: readonly string[]): Promise<string> {
  const path = join(testFolder(t), 'qmp')
  const serve = (client: Socket): void => {
    const write = (rest: readonly string[]): void => {
      if (rest.length > 0) client.write(rest[0] ?? '', () => setImmediate(write, rest.slice(1)))
    }
    write(pieces)
  }
  await testSocket({ test: t, path, serve })
  return path
}

async function ask(path: string, commands = ['query-name', 'query-uuid']): Promise<readonly unknown[]> {
  const signal = new AbortController().signal
  return await askQemu({ path, commands, timeoutMs: 10_000, clock: systemClock, signal })
}

test('askQemu() gives the answers in order, and leaves', async (t) => {
  const { path, commands, left } = await monitor(t, (command) => [{ return: { to: command } }])
  t.same(await ask(path), [{ to: 'query-name' }, { to: 'query-uuid' }])
  t.same(commands, ['qmp_capabilities', 'query-name', 'query-uuid'])
  await t.resolves(left)
})

test('askQemu() passes over events, and over a command that QEMU does not know', async (t) => {
  const refusal = { error: { class: 'CommandNotFound', desc: 'no' } }
  const { path } = await monitor(t, (command) => [
    stopEvent,
    command === 'query-name' ? refusal : { return: 1 },
  ])
  t.same(await ask(path), [undefined, 1])
})

test('askQemu() puts answers together that come in pieces', async (t) => {
  const text = [greeting, { return: {} }, { return: 'one' }, { return: 'two' }].map(
    (message) => `${JSON.stringify(message)}\n`,
  )
  t.same(await ask(await talker(t, text.join('').split(''))), ['one', 'two'])
})

test('askQemu() gives up a monitor that does not answer in time, for somebody else has it', async (t) => {
  const clock = new FakeClock()
  const clients = new EventEmitter()
  const connected = once(clients, 'connected')
  const path = join(testFolder(t), 'qmp')
  await testSocket({ test: t, path, serve: () => clients.emit('connected') })
  const signal = new AbortController().signal
  const asked = askQemu({ path, commands: ['query-name'], timeoutMs: 1000, clock, signal })
  const refused = t.rejects(asked, {
    code: 'qmp-silent',
    message: `Cannot ask the monitor "${path}": it does not answer; another program may be attached to it`,
  })
  await connected
  await clock.advance(1000)
  await refused
})

test('askQemu() gives up when its signal fires, and forgets its timer', async (t) => {
  const clock = new FakeClock()
  const signal = AbortSignal.abort()
  const path = await talker(t, [])
  await t.rejects(askQemu({ path, commands: [], timeoutMs: 1000, clock, signal }), { code: 'socket-failed' })
  t.equal(clock.timerCount, 0)
})

test('askQemu() says that there is no monitor, or none any more', async (t) => {
  await t.rejects(ask(join(testFolder(t), 'absent')), { code: 'socket-missing' })
  const path = join(testFolder(t), 'qmp')
  await testSocket({ test: t, path, serve: (client) => void client.end(`${JSON.stringify(greeting)}\n`) })
  await t.rejects(ask(path), { code: 'qmp-silent' })
})

test('askQemu() knows what is not QMP', async (t) => {
  for (const text of ['SSH-2.0-OpenSSH\r\n', '"a text"\n', 'null\n', 'x'.repeat(65 * 1024)]) {
    await t.rejects(ask(await talker(t, [text])), PeerError, JSON.stringify(text.slice(0, 20)))
  }
})
