import { test } from 'tap'
import { FakeClock } from '../fake-clock.js'
import { stopGraceMs } from '../limits.js'
import { ProcessGroup } from './stop.js'

/** A number that no process has: the kernel's highest is 2^22. */
const leader = 2 ** 30

test('a group that has stopped gets SIGTERM, is woken, and gets SIGKILL after the grace', async (t) => {
  const clock = new FakeClock()
  const kill = t.capture(process, 'kill', () => true)
  const group = new ProcessGroup({ leader, clock })
  group.stop()
  group.stop()
  t.same(
    kill().map(({ args }) => args),
    [
      [-leader, 'SIGTERM'],
      [-leader, 'SIGCONT'],
    ],
  )
  await clock.advance(stopGraceMs - 1)
  t.same(kill(), [])
  await clock.advance(1)
  t.same(
    kill().map(({ args }) => args),
    [[-leader, 'SIGKILL']],
  )
})

test("a group whose leader is gone gets SIGKILL once, and nothing more: its number may be another group's", async (t) => {
  const clock = new FakeClock()
  const kill = t.capture(process, 'kill', () => true)
  const group = new ProcessGroup({ leader, clock })
  group.stop()
  kill()
  group.finish()
  group.signal('SIGTERM')
  group.stop()
  await clock.advance(stopGraceMs)
  t.same(
    kill().map(({ args }) => args),
    [[-leader, 'SIGKILL']],
  )
  t.equal(clock.timerCount, 0)
})

test('a group in which nobody is left takes any signal', (t) => {
  const group = new ProcessGroup({ leader, clock: new FakeClock() })
  group.signal('SIGTERM')
  group.finish()
  t.end()
})

test('a group of another user is left alone', (t) => {
  const error = Object.assign(new Error('kill EPERM'), { code: 'EPERM' })
  t.capture(process, 'kill', () => {
    throw error
  })
  const group = new ProcessGroup({ leader, clock: new FakeClock() })
  group.signal('SIGTERM')
  error.code = 'EINVAL'
  t.throws(() => group.signal('SIGTERM'), error)
  t.end()
})
