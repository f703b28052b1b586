import { test } from 'tap'
import { pairedChannels } from '../channel/paired-channels.js'
import type { Channel } from '../channel/channel.js'
import { FakeClock, settle } from '../fake-clock.js'
import { reconnectMaxMs, reconnectMinMs } from '../limits.js'
import { createLog } from '../log.js'
import type { Log } from '../log.js'
import { keepConnected, reconnectDelayMs } from './reconnect.js'

function keptLog(): { log: Log; lines: string[] } {
  const lines: string[] = []
  return { lines, log: createLog({ level: 'info', format: 'text', write: (line) => void lines.push(line) }) }
}

test('keepConnected() uses a channel, and connects again when it is over', async (t) => {
  const clock = new FakeClock()
  const { log, lines } = keptLog()
  const stop = new AbortController()
  const used: Channel[] = []
  let leave = (): void => undefined
  const kept = keepConnected({
    connect: async () => pairedChannels().left,
    use: async (channel) => {
      used.push(channel)
      await new Promise<void>((resolve) => (leave = resolve))
    },
    clock,
    log,
    signal: stop.signal,
  })
  await settle()
  t.equal(used.length, 1)
  leave()
  await clock.advance(reconnectMinMs * 1.5)
  t.equal(used.length, 2, 'soon, for nothing had failed')
  t.not(used[0], used[1])
  stop.abort()
  leave()
  await kept
  t.same(lines, [])
})

test('keepConnected() waits longer after each failure, up to a limit', async (t) => {
  const clock = new FakeClock()
  const stop = new AbortController()
  const attemptsMs: number[] = []
  t.capture(Math, 'random', () => 0)
  const kept = keepConnected({
    connect: async () => {
      attemptsMs.push(clock.now())
      throw new Error('nobody listens')
    },
    use: async () => undefined,
    clock,
    log: keptLog().log,
    signal: stop.signal,
  })
  await clock.advance(30_000)
  const waitsMs = attemptsMs.slice(1).map((atMs, attempt) => atMs - (attemptsMs[attempt] ?? 0))
  t.same(waitsMs.slice(0, 8), [200, 400, 800, 1600, 3200, 5000, 5000, 5000])
  stop.abort()
  await kept
})

test('keepConnected() logs a reason once, and again when something else has happened', async (t) => {
  const clock = new FakeClock()
  const { log, lines } = keptLog()
  const stop = new AbortController()
  const outcomes = ['absent', 'absent', 'busy', 'busy', 'busy', 'absent', '', 'absent']
  const kept = keepConnected({
    connect: async () => {
      const reason = outcomes.shift()
      if (reason === '') return pairedChannels().left
      throw new Error(reason ?? 'absent')
    },
    use: async () => undefined,
    clock,
    log,
    signal: stop.signal,
  })
  await clock.advance(60_000)
  t.same(
    lines,
    ['absent', 'busy', 'absent', 'absent'].map((reason) => `warn  ${reason}\n`),
  )
  stop.abort()
  await kept
})

test('keepConnected() stops at once while it waits', async (t) => {
  const clock = new FakeClock()
  const stop = new AbortController()
  const kept = keepConnected({
    connect: async () => {
      throw new Error('nobody listens')
    },
    use: async () => undefined,
    clock,
    log: keptLog().log,
    signal: stop.signal,
  })
  await settle()
  t.equal(clock.timerCount, 1)
  stop.abort()
  await kept
  t.equal(clock.timerCount, 0)
})

test('keepConnected() stops while it connects, and does not complain of that', async (t) => {
  const { log, lines } = keptLog()
  const stop = new AbortController()
  const kept = keepConnected({
    connect: async (signal) =>
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('given up')))
      }),
    use: async () => undefined,
    clock: new FakeClock(),
    log,
    signal: stop.signal,
  })
  await settle()
  stop.abort()
  await kept
  t.same(lines, [])
})

test('keepConnected() does nothing when it was told to stop before', async (t) => {
  const connect = async (): Promise<Channel> => {
    throw new Error('it should not connect')
  }
  const { log, lines } = keptLog()
  await keepConnected({
    connect,
    use: async () => undefined,
    clock: new FakeClock(),
    log,
    signal: AbortSignal.abort(),
  })
  t.same(lines, [])
})

test('reconnectDelayMs() stays between the limits, and spreads by half', (t) => {
  for (let failures = 0; failures < 40; failures += 1) {
    const delayMs = reconnectDelayMs(failures)
    t.ok(delayMs >= reconnectMinMs && delayMs <= reconnectMaxMs * 1.5, `${failures}: ${delayMs}`)
  }
  t.ok(new Set(Array.from({ length: 20 }, () => reconnectDelayMs(3))).size > 1)
  t.end()
})

test('keepConnected() tells of each failure, also of those that it logs no more', async (t) => {
  const clock = new FakeClock()
  const stop = new AbortController()
  const { log, lines } = keptLog()
  const failures: string[] = []
  const kept = keepConnected({
    connect: async () => {
      throw new Error('nobody listens')
    },
    use: async () => undefined,
    onFailure: (reason) => void failures.push(reason),
    clock,
    log,
    signal: stop.signal,
  })
  await clock.advance(2 * reconnectMaxMs)
  stop.abort()
  await kept
  t.ok(failures.length > 1 && failures.every((reason) => reason === 'nobody listens'))
  t.equal(lines.length, 1)
})
