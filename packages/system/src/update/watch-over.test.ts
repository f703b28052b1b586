import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { programOf } from './test-updates.js'
import { watchOver } from './watch-over.js'

/** Runs it for two programs and a service manager that starts whatever is in place, or nothing. */
function watched(
  t: Test,
  { now, before, restart = 'cp "$1" "$1.started"' }: { now: string; before: string; restart?: string },
): { report: unknown; started: string; isPreviousLeft: boolean } {
  const folder = t.testdir({ now, before })
  const [program, previous, report] = [join(folder, 'now'), join(folder, 'before'), join(folder, 'report')]
  writeFileSync(`${program}.started`, '')
  for (const path of [program, previous]) chmodSync(path, 0o755)
  const words = ['sh', '-c', restart, 'restart', program]
  const [file = '', ...args] = watchOver({
    program,
    previous,
    report,
    version: '9.0.0',
    restart: words,
    tryCount: 1,
  })
  execFileSync(file, args, { stdio: 'pipe' })
  return {
    report: JSON.parse(readFileSync(report, 'utf8')),
    started: readFileSync(`${program}.started`, 'utf8'),
    isPreviousLeft: existsSync(previous),
  }
}

const [good, old] = [programOf('9.0.0'), programOf('0.1.0')]

test('watchOver() leaves a program in place that can be called', (t) => {
  const report = { state: 'updated', version: '9.0.0' }
  t.same(watched(t, { now: good, before: old }), { report, started: good, isPreviousLeft: true })
  t.end()
})

test('watchOver() brings the old program back when the new one cannot be called', (t) => {
  const report = { state: 'rolled-back', version: '9.0.0' }
  const bad = programOf('9.0.0', { isUp: false })
  t.same(watched(t, { now: bad, before: old }), { report, started: old, isPreviousLeft: false })
  t.end()
})

test('watchOver() brings the old program back when the new one cannot be started', (t) => {
  const report = { state: 'rolled-back', version: '9.0.0' }
  const restart = 'grep -q "echo 0.1.0" "$1" && cp "$1" "$1.started"'
  t.same(watched(t, { now: good, before: old, restart }), { report, started: old, isPreviousLeft: false })
  t.end()
})

test('watchOver() says when neither can be called', (t) => {
  const [bad, worse] = [programOf('9.0.0', { isUp: false }), programOf('0.1.0', { isUp: false })]
  t.match(watched(t, { now: bad, before: worse }), { report: { state: 'down' }, started: worse })
  t.end()
})
