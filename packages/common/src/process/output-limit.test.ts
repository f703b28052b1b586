import { test } from 'tap'
import { FakeClock } from '../fake-clock.js'
import { drainGraceMs } from '../limits.js'
import { testFolder, writeCommand } from '../test-folder.js'
import { limitOutput } from './output-limit.js'
import { bytesOf, lifeline, started } from './test-processes.js'

const environment = { PATH: '/usr/bin:/bin' }

/** Runs a script with a limit; both outputs are read. */
async function limited(
  path: string,
  bytesMax: number,
): Promise<{ result: unknown; stdout: Buffer; stderr: Buffer }> {
  const running = limitOutput(await started({ path, environment }), { bytesMax })
  const [stdout, stderr, result] = await Promise.all([
    bytesOf(running.stdout),
    bytesOf(running.stderr),
    running.ended,
  ])
  return { result, stdout, stderr }
}

test('limitOutput() passes as much as the limit, to the byte', async (t) => {
  const path = writeCommand({
    folder: testFolder(t),
    name: 'print-200000',
    script: 'head -c 150000 /dev/zero; head -c 50000 /dev/zero >&2; exit 3',
  })
  const { result, stdout, stderr } = await limited(path, 200_000)
  t.same(result, { kind: 'exited', code: 3 })
  t.same([stdout.length, stderr.length], [150_000, 50_000])
})

test('limitOutput() ends a command whose outputs together hold one byte more', async (t) => {
  const { path: pipe, gone } = lifeline(t)
  const script = `exec 3>${pipe}; head -c 60000 /dev/zero; head -c 40001 /dev/zero >&2; exec sleep 60`
  const path = writeCommand({ folder: testFolder(t), name: 'print-100001', script })
  const { result, stdout, stderr } = await limited(path, 100_000)
  t.same(result, { kind: 'cancelled', reason: 'its output passed the limit of 100000 bytes' })
  t.equal(stdout.length + stderr.length, 100_000)
  await gone
})

test('limitOutput() ends what prints for ever', async (t) => {
  const path = writeCommand({ folder: testFolder(t), name: 'print-for-ever', script: 'exec cat /dev/zero' })
  const { result, stdout } = await limited(path, 1_000_000)
  t.match(result, { kind: 'cancelled' })
  t.equal(stdout.length, 1_000_000)
})

test('limitOutput() keeps the rest of a command as it is', async (t) => {
  const running = limitOutput(await started({ path: '/bin/cat', hasStdin: true }), { bytesMax: 100 })
  running.stderr.resume()
  running.stdin?.end('hello')
  const [stdout, result] = await Promise.all([bytesOf(running.stdout), running.ended])
  t.equal(stdout.toString(), 'hello')
  t.same(result, { kind: 'exited', code: 0 })
})

test('limitOutput() a stopped command waits for no reader', async (t) => {
  const path = writeCommand({ folder: testFolder(t), name: 'print-on', script: 'exec cat /dev/zero' })
  const clock = new FakeClock()
  const running = limitOutput(await started({ path, environment, clock }), { bytesMax: 1e12 })
  running.stderr.resume()
  running.stdout.once('data', () => {
    running.stdout.pause()
    running.stop()
  })
  let isEnded = false
  void running.ended.then(() => (isEnded = true))
  while (!isEnded) await clock.advance(drainGraceMs)
  t.same(await running.ended, { kind: 'signalled', signal: 'SIGTERM' })
})
