import { readdirSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { test } from 'tap'
import { FakeClock } from '../fake-clock.js'
import { drainGraceMs } from '../limits.js'
import { testFolder, writeCommand } from '../test-folder.js'
import { attempted, bytesOf, finished, started, untilPrinted } from './test-processes.js'

const environment = { PATH: '/usr/bin:/bin' }

/** Waits until the command has exited, which is when the runner begins to wait for what is still on its way. */
async function untilDraining(clock: FakeClock): Promise<void> {
  while (clock.timerCount === 0) await setImmediate()
}

test('output is complete however slowly it is read', async (t) => {
  const size = 8 * 1024 * 1024
  const path = writeCommand({
    folder: testFolder(t),
    name: 'print-much',
    script: 'head -c "$1" /dev/zero; exit 5',
  })
  const { stdout, stderr, ended } = await started({ path, args: [String(size)], environment })
  stderr.resume()
  let received = 0
  stdout.on('data', (chunk: Buffer) => {
    received += chunk.length
    stdout.pause()
    void setImmediate().then(() => stdout.resume())
  })
  t.same(await ended, { kind: 'exited', code: 5 })
  t.equal(received, size)
})

test('output waits for a reader that pauses long after the exit', async (t) => {
  // More than Node reads by itself at the exit, and no more than it and a pipe of the kernel hold together.
  const size = 100_000
  const clock = new FakeClock()
  const path = writeCommand({
    folder: testFolder(t),
    name: 'print-and-exit',
    script: 'head -c "$1" /dev/zero',
  })
  const { stdout, stderr, ended } = await started({ path, args: [String(size)], environment, clock })
  stderr.resume()
  let [received, isReading, isEnded] = [0, false, false]
  stdout.on('data', (chunk: Buffer) => {
    received += chunk.length
    if (!isReading) stdout.pause()
  })
  void ended.then(() => (isEnded = true))
  await untilDraining(clock)
  await clock.advance(100 * drainGraceMs)
  t.notOk(isEnded)
  isReading = true
  stdout.resume()
  t.same(await ended, { kind: 'exited', code: 0 })
  t.equal(received, size)
})

test('output is cut when somebody else holds it in silence', async (t) => {
  const clock = new FakeClock()
  const script = "echo mine; setsid sh -c 'echo $$; exec sleep 60'"
  const path = writeCommand({
    folder: testFolder(t),
    name: 'leave-a-silent-service',
    script: `${script} & read -r line`,
  })
  const running = await started({ path, environment, clock, hasStdin: true })
  let printed = ''
  running.stderr.resume()
  const isPrinted = new Promise<void>((resolve) => {
    running.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
      if (/^\d+$/m.test(printed)) resolve()
    })
  })
  await isPrinted
  t.teardown(() => process.kill(Number(/^\d+$/m.exec(printed)?.[0]), 'SIGKILL'))
  running.stdin?.end('go\n')
  await untilDraining(clock)
  await clock.advance(drainGraceMs)
  t.same(await running.ended, { kind: 'exited', code: 0 })
  t.ok(running.stdout.destroyed && running.stderr.destroyed)
})

test('a stopped call does not wait for a service that goes on printing', async (t) => {
  const script = "setsid sh -c 'echo $$; while sleep 0.1; do echo more; done' & wait"
  const path = writeCommand({ folder: testFolder(t), name: 'leave-a-chatty-service', script })
  const running = await started({ path, environment })
  let printed = ''
  running.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  await untilPrinted(running, 'more')
  running.stop()
  t.same(await running.ended, { kind: 'signalled', signal: 'SIGTERM' })
  t.ok(process.kill(Number.parseInt(printed, 10), 'SIGKILL'), 'it was still there')
})

test('a stopped call does not wait for a reader that pauses', async (t) => {
  const clock = new FakeClock()
  const path = writeCommand({ folder: testFolder(t), name: 'print-for-ever', script: 'exec cat /dev/zero' })
  const running = await started({ path, environment, clock })
  running.stderr.resume()
  running.stdout.on('data', () => void running.stdout.pause())
  let isEnded = false
  void running.ended.then(() => (isEnded = true))
  running.stop()
  while (!isEnded) await clock.advance(drainGraceMs)
  t.match(await running.ended, { kind: 'signalled' })
})

test('the outputs have been read to their end when the ending is told', async (t) => {
  const path = writeCommand({
    folder: testFolder(t),
    name: 'print-at-the-end',
    script: 'head -c 65536 /dev/zero; echo end >&2',
  })
  for (let round = 0; round < 20; round += 1) {
    const { stdout, stderr, ended } = await started({ path, environment })
    let received = 0
    stdout.on('data', (chunk: Buffer) => (received += chunk.length))
    stderr.on('data', (chunk: Buffer) => (received += chunk.length))
    await ended
    t.equal(received, 65536 + 'end\n'.length)
  }
})

test('nothing is waited for once the ending is told', async (t) => {
  const clock = new FakeClock()
  await finished({ path: '/bin/true', clock })
  t.equal(clock.timerCount, 0)
})

test('hundreds of calls leave no descriptor behind', async (t) => {
  const descriptors = (): number => readdirSync('/proc/self/fd').length
  const echo = async (): Promise<void> => {
    const running = await started({ path: '/bin/cat', hasStdin: true })
    running.stdin?.end('x')
    await Promise.all([bytesOf(running.stdout), bytesOf(running.stderr), running.ended])
  }
  const fail = async (): Promise<unknown> => await attempted({ path: '/does/not/exist' })
  const abandonInput = async (): Promise<unknown> => await finished({ path: '/bin/true', hasStdin: true })
  const round = async (): Promise<unknown> => await Promise.all([echo(), fail(), abandonInput()])
  await round()
  await setImmediate()
  const before = descriptors()
  for (let call = 0; call < 100; call += 1) await round()
  await setImmediate()
  t.equal(descriptors(), before)
})
