import { readFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { test } from 'tap'
import { FakeClock } from '../fake-clock.js'
import { stopGraceMs } from '../limits.js'
import { testFolder, writeCommand } from '../test-folder.js'
import { finished, lifeline, started, untilPrinted } from './test-processes.js'

const environment = { PATH: '/usr/bin:/bin' }

/** Waits until the kernel has stopped a process; it tells nobody but the parent. */
async function untilStopped(id: string): Promise<void> {
  while (!/^State:\tT/m.test(readFileSync(`/proc/${id}/status`, 'utf8'))) await setImmediate()
}

test('stop() ends a command and all that it has started', async (t) => {
  const { path: pipe, gone } = lifeline(t)
  const script = 'exec 3>"$1"; (sleep 60 & sleep 60) & echo ready; wait'
  const path = writeCommand({ folder: testFolder(t), name: 'start-children', script })
  const running = await started({ path, args: [pipe], environment, clock: new FakeClock() })
  await untilPrinted(running, 'ready')
  running.stop()
  t.same(await running.ended, { kind: 'signalled', signal: 'SIGTERM' })
  await gone
})

test('stop() lets a command finish in order', async (t) => {
  const script = 'trap "echo cleaned up; exit 3" TERM; echo ready; sleep 60 & wait'
  const path = writeCommand({ folder: testFolder(t), name: 'clean-up', script })
  const running = await started({ path, environment, clock: new FakeClock() })
  let printed = ''
  running.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  await untilPrinted(running, 'ready')
  running.stop()
  running.stop()
  t.same(await running.ended, { kind: 'exited', code: 3 })
  t.equal(printed, 'ready\ncleaned up\n')
})

test('stop() kills a command that ignores SIGTERM, after a grace and not before', async (t) => {
  const { path: pipe, gone } = lifeline(t)
  const clock = new FakeClock()
  const script =
    'exec 3>"$1"; trap "" TERM; trap "echo alive" USR1; echo ready; while :; do sleep 60 & wait; done'
  const path = writeCommand({ folder: testFolder(t), name: 'ignore-sigterm', script })
  const running = await started({ path, args: [pipe], environment, clock })
  await untilPrinted(running, 'ready')
  running.stop()
  await clock.advance(stopGraceMs - 1)
  const alive = untilPrinted(running, 'alive')
  running.signal('SIGUSR1')
  await alive
  await clock.advance(1)
  t.same(await running.ended, { kind: 'signalled', signal: 'SIGKILL' })
  await gone
})

test('stop() ends a stopped command', async (t) => {
  const path = writeCommand({
    folder: testFolder(t),
    name: 'print-itself',
    script: 'echo "id $$ "; exec sleep 60',
  })
  const running = await started({ path, environment, clock: new FakeClock() })
  let printed = ''
  running.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  await untilPrinted(running, ' \n')
  const id = printed.split(' ')[1] ?? ''
  running.signal('SIGSTOP')
  await untilStopped(id)
  running.stop()
  t.same(await running.ended, { kind: 'signalled', signal: 'SIGTERM' })
})

test('what a command leaves in its group ends with it', async (t) => {
  const { path: pipe, gone } = lifeline(t)
  // The child keeps the outputs open and ignores what is polite.
  const script = 'exec 3>"$1"; trap "" TERM HUP; sleep 60 & echo done; exit 7'
  const path = writeCommand({ folder: testFolder(t), name: 'leave-a-child', script })
  const { result, stdout } = await finished({ path, args: [pipe], environment, clock: new FakeClock() })
  t.same({ result, stdout }, { result: { kind: 'exited', code: 7 }, stdout: 'done\n' })
  await gone
})

test('what a command has started with setsid goes on, and does not hold up the result', async (t) => {
  const { path: pipe, gone } = lifeline(t)
  const service = 'exec 3>"$1"; echo "service $$ "; sleep 0.3; echo later; exec sleep 60'
  const script = `setsid sh -c '${service}' sh "$1" & read -r line`
  const path = writeCommand({ folder: testFolder(t), name: 'leave-a-service', script })
  const running = await started({ path, args: [pipe], environment, hasStdin: true })
  let printed = ''
  running.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  await untilPrinted(running, ' \n')
  running.stdin?.end('\n')
  t.same(await running.ended, { kind: 'exited', code: 0 })
  t.match(printed, /later/, 'what it prints within the grace arrives')
  t.ok(process.kill(Number(printed.split(' ')[1]), 'SIGKILL'), 'it was still there')
  await gone
})

test('signal() reaches all of the group, and nobody once the command has ended', async (t) => {
  const child = 'trap "echo child; exit 0" USR1; echo ready; while :; do sleep 60 & wait; done'
  const script = `trap "echo parent" USR1; sh -c '${child}' & wait $!; wait $!`
  const path = writeCommand({ folder: testFolder(t), name: 'answer-signals', script })
  const running = await started({ path, environment, clock: new FakeClock() })
  let printed = ''
  running.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  await untilPrinted(running, 'ready')
  const both = untilPrinted(running, 'child')
  running.signal('SIGUSR1')
  await both
  t.same(await running.ended, { kind: 'exited', code: 0 })
  running.signal('SIGKILL')
  running.stop()
  t.match(printed, 'parent')
})
