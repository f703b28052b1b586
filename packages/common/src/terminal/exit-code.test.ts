import { test } from 'tap'
import type { Result } from '../wire/result.js'
import { exitCodeOf, troubleExitCode } from './exit-code.js'

test('exitCodeOf() follows the table in the help of `run`', (t) => {
  const reason = 'why'
  const table: [Result, number][] = [
    [{ kind: 'exited', code: 0 }, 0],
    [{ kind: 'exited', code: 3 }, 3],
    [{ kind: 'exited', code: 255 }, 255],
    [{ kind: 'signalled', signal: 'SIGHUP' }, 129],
    [{ kind: 'signalled', signal: 'SIGKILL' }, 137],
    [{ kind: 'signalled', signal: 'SIGTERM' }, 143],
    [{ kind: 'timed-out', reason }, 124],
    [{ kind: 'busy', reason }, 125],
    [{ kind: 'lost', reason }, 125],
    [{ kind: 'unreachable', reason }, 125],
    [{ kind: 'denied', reason }, 126],
    [{ kind: 'failed-to-start', reason }, 126],
    [{ kind: 'unknown-command', reason }, 127],
    [{ kind: 'cancelled', reason }, 130],
  ]
  for (const [result, code] of table) t.equal(exitCodeOf(result), code, JSON.stringify(result))
  t.equal(troubleExitCode, 125)
  t.end()
})

test('exitCodeOf() a signal that this machine does not know is 128', (t) => {
  for (const signal of ['SIGNEW', 'toString', ''])
    t.equal(exitCodeOf({ kind: 'signalled', signal }), 128, signal)
  t.end()
})
