import { test } from 'tap'
import { FakeClock, settle } from '../fake-clock.js'
import { moduleLoadMs, moduleLogLinesMax } from './module-limits.js'
import { stopGraceMs } from '../limits.js'
import { createLog } from '../log.js'
import { finishedModule, testModule } from './test-modules.js'
import { untilPrinted } from './test-processes.js'

const broken = { kind: 'exited', code: 70 }

/** Its first argument says how it ends. */
const code = `
  const ways = {
    answer: () => 'well',
    wait: async ({ write, signal }) => {
      await write('waiting')
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      return 4
    },
    fail: async ({ write, signal }) => {
      await write('waiting')
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    },
    deaf: async ({ write }) => { await write('waiting'); await new Promise(() => undefined) },
    loop: async ({ write }) => { await write('waiting'); setTimeout(() => { for (;;); }, 1); await new Promise(() => undefined) },
    exit: () => process.exit(0),
    crash: async () => { setTimeout(() => { throw new Error('/secret/path') }, 0); await new Promise(() => undefined) },
    reject: async () => { Promise.reject(new Error('nobody listens')); await new Promise(() => undefined) },
    grow: () => { const all = []; for (;;) all.push(new Array(1000).fill(all.length)) },
  }
  export default async (call) => await ways[call.args[0]](call)`

test('stop() tells a module, and lets it finish in order', async (t) => {
  const { start } = testModule(t, { code, clock: new FakeClock() })
  const running = start({ args: ['wait'] })
  await untilPrinted(running, 'waiting')
  running.stop()
  running.stop()
  t.same(await running.ended, { kind: 'exited', code: 4 })
  running.stop()
})

test('a module that gives up when it is told to has been ended by a signal', async (t) => {
  const { start } = testModule(t, { code, clock: new FakeClock() })
  const running = start({ args: ['fail'] })
  await untilPrinted(running, 'waiting')
  running.signal('SIGUSR1')
  running.signal('SIGINT')
  t.same(await running.ended, { kind: 'signalled', signal: 'SIGTERM' })
})

test('a module in an endless loop is ended after the grace, with all its calls, and the next call works', async (t) => {
  const clock = new FakeClock()
  const { start, finished } = testModule(t, { code, clock })
  const other = start({ args: ['deaf'] })
  const others = finishedModule(other)
  const running = start({ args: ['loop'] })
  await untilPrinted(running, 'waiting')
  running.stop()
  await clock.advance(stopGraceMs - 1)
  let isEnded = false
  void running.ended.then(() => (isEnded = true))
  await settle()
  t.notOk(isEnded)
  await clock.advance(1)
  t.same(await running.ended, { kind: 'signalled', signal: 'SIGKILL' })
  const line = 'tested: its module was ended: another call in its worker did not stop when it was told to\n'
  t.same(await others, { result: broken, stdout: 'waiting', stderr: line })
  t.match(await finished({ args: ['answer'] }), { stdout: 'well' })
})

test('calls in a module that ends its worker are told what happened, and the next call works', async (t) => {
  const { start, finished } = testModule(t, { code })
  const cases: [way: string, sentence: string][] = [
    ['exit', 'its module called process.exit()'],
    ['crash', "its module crashed; the daemon's log says why"],
    ['reject', "its module crashed; the daemon's log says why"],
    ['grow', 'its module ran out of memory'],
  ]
  for (const [way, sentence] of cases) {
    const memoryBytesMax = 32 * 2 ** 20
    const waiting = start({ args: ['deaf'], memoryBytesMax })
    await untilPrinted(waiting, 'waiting')
    const { result, stderr } = await finished({ args: [way], memoryBytesMax })
    t.same([result, stderr], [broken, `tested: ${sentence}\n`], way)
    t.same(await waiting.ended, broken)
    t.match(await finished({ args: ['answer'], memoryBytesMax }), { stdout: 'well' })
  }
})

test('a module that is never loaded fails after a while; whoever stops need not wait for that', async (t) => {
  const clock = new FakeClock()
  const { start } = testModule(t, { code: 'await new Promise(() => setInterval(() => 0, 1e6))', clock })
  const [stopped, waiting] = [start(), start()]
  for (const output of [stopped, waiting].flatMap(({ stdout, stderr }) => [stdout, stderr])) output.resume()
  stopped.stop()
  t.same(await stopped.ended, { kind: 'signalled', signal: 'SIGTERM' })
  await clock.advance(moduleLoadMs)
  const reason = 'its module was not loaded within 60 seconds'
  t.same(await waiting.ended, { kind: 'failed-to-start', reason })
})

test('a stopped call does not wait for a reader that pauses', async (t) => {
  const clock = new FakeClock()
  const flood = `export default async ({ write }) => { for (;;) await write(new Uint8Array(65536)) }`
  const { start } = testModule(t, { code: flood, clock })
  const running = start()
  running.stderr.resume()
  await new Promise((resolve) => running.stdout.once('data', resolve))
  running.stdout.pause()
  let isEnded = false
  void running.ended.then(() => (isEnded = true))
  running.stop()
  while (!isEnded) await clock.advance(100)
  t.match(await running.ended, { kind: 'signalled' })
})

test("a module's console is a part of the daemon's log, and no more than so much of it", async (t) => {
  const lines: string[] = []
  let tellFull: () => void = () => undefined
  const full = new Promise<void>((resolve) => (tellFull = resolve))
  const write = (line: string): void => {
    lines.push(line)
    if (lines.length > moduleLogLinesMax) tellFull()
  }
  const log = createLog({ level: 'info', format: 'text', write })
  const chatty = `export default () => { for (let n = 0; n < 500; n += 1) console.error('line ' + n) }`
  const { stdout, stderr } = await testModule(t, { code: chatty, log }).finished()
  t.equal(stdout + stderr, '')
  await full
  t.equal(lines[0], 'info  A module printed module="tested" text="line 0"\n')
  t.match(lines.at(-1), 'A module prints too much; the rest of this minute is dropped')
  t.equal(lines.length, moduleLogLinesMax + 1)
})

test("why a module crashed or threw is in the daemon's log", async (t) => {
  const lines: string[] = []
  const log = createLog({ level: 'info', format: 'text', write: (line) => lines.push(line) })
  const { finished } = testModule(t, { code, log })
  await finished({ args: ['crash'] })
  await finished({ args: ['no such way'] })
  t.match(lines[0], /A module crashed module="tested" reason="Error: \/secret\/path/)
  t.match(lines[1], /A module threw module="tested" reason="TypeError/)
})
