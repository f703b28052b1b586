import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { FakeClock } from '../fake-clock.js'
import { hookOutputBytesMax, hooksAtOnceMax, hookSubjectBytesMax } from './limits.js'
import { lifeline } from '../process/test-processes.js'
import type { PhaseName } from './phase.js'
import { endings, TestHooks } from './test-hooks.js'

test('runPhase() tells a hook its mode and phase, and the rest as one JSON document', async (t) => {
  const hooks = new TestHooks(t)
  hooks.add({ name: 'ready/20-tell', script: 'echo "$#: $1 $2"; cat; env | grep ^NEGOTIATOR | sort' })
  const subject = { guest: { name: 'web1', uuid: 'u-1' }, cause: 'a "test"\n' }
  const { results, ...run } = await hooks.run({ phase: 'ready', subject })
  const [{ output, ...result } = { output: '' }] = results
  t.match(result, { hook: '20-tell', outcome: 'done', isVeto: false, durationMs: Number })
  t.same(run, { run: run.run, phase: 'ready', mode: 'guest', isVetoed: false })
  t.match(run.run, /^[0-9a-f-]{36}$/)
  const [argv, document = '', ...environment] = output.trimEnd().split('\n')
  t.equal(argv, '2: guest ready')
  t.same(JSON.parse(document), { phase: 'ready', mode: 'guest', side: 'host', run: run.run, subject })
  t.same(environment, [
    'NEGOTIATOR_GUEST=web1',
    'NEGOTIATOR_GUEST_UUID=u-1',
    'NEGOTIATOR_HOOK=20-tell',
    'NEGOTIATOR_PHASE=ready',
    `NEGOTIATOR_RUN=${run.run}`,
    'NEGOTIATOR_SIDE=host',
  ])
})

test('runPhase() gives one result each, in order, and goes on after a failure', async (t) => {
  const hooks = new TestHooks(t)
  hooks.add({ name: 'extra/10-good', script: 'echo fine; echo trouble >&2' })
  hooks.add({ name: 'extra/20-skips', script: 'exit 77' })
  hooks.add({ name: 'extra/30-fails', script: 'exit 3' })
  hooks.add({ name: 'extra/40-killed', script: 'kill -KILL $$' })
  hooks.add({ name: 'extra/50-good' })
  const run = await hooks.run({ phase: 'extra' })
  t.same(endings(run), [
    '10-good done',
    '20-skips skipped: it has nothing to do here',
    '30-fails failed: exit status 3',
    '40-killed failed: it was ended by SIGKILL',
    '50-good done',
  ])
  t.equal(run.isVetoed, false)
  t.match(run.results[0], { output: /fine\n/ })
  t.match(run.results[0], { output: /trouble\n/ })
})

test('runPhase() runs a phase that has no hooks', async (t) => {
  t.match(await new TestHooks(t).run({ phase: 'clean' }), { results: [], isVetoed: false, mode: 'clean' })
})

test('runPhase() starts nothing before what it comes behind is over, and those side by side that may', async (t) => {
  const hooks = new TestHooks(t)
  const fifo = join(hooks.root, 'fifo')
  // Each of the two waits for the other: one after the other they would never end.
  hooks.add({ name: 'install/10-fifo', script: `mkfifo ${fifo}` })
  hooks.add({ name: 'install/20-reads', script: `cat ${fifo}`, toml: 'parallel = true\ntimeout = "20s"' })
  hooks.add({
    name: 'install/20-writes',
    script: `echo hello >${fifo}`,
    toml: 'parallel = true\ntimeout = "20s"',
  })
  hooks.add({ name: 'install/30-after', script: `rm ${fifo}`, toml: 'parallel = true' })
  const run = await hooks.run({ phase: 'install' })
  t.same(endings(run), ['10-fifo done', '20-reads done', '20-writes done', '30-after done'])
  t.equal(run.results[1]?.output, 'hello\n')
})

test('runPhase() runs no more hooks at once than so many', async (t) => {
  const hooks = new TestHooks(t)
  for (const folder of ['up', 'over']) mkdirSync(join(hooks.root, folder))
  const count = (folder: string): string => `$(ls ${hooks.root}/${folder} | wc -l)`
  for (let number = 1; number <= hooksAtOnceMax; number += 1) {
    const waits = `until [ ${count('up')} -ge ${hooksAtOnceMax} ]; do sleep 0.01; done`
    const script = `touch ${hooks.root}/up/${number}; ${waits}; touch ${hooks.root}/over/${number}`
    hooks.add({ name: `install/20-${number}`, script, toml: 'parallel = true\ntimeout = "60s"' })
  }
  hooks.add({ name: 'install/20-last', script: `echo ${count('over')}`, toml: 'parallel = true' })
  const { results } = await hooks.run({ phase: 'install' })
  t.match(results.at(-1), { hook: '20-last', output: `${hooksAtOnceMax}\n` })
})

test('runPhase() ends a hook with all that it has started when its time is over', async (t) => {
  const hooks = new TestHooks(t)
  const { path, gone } = lifeline(t)
  hooks.add({
    name: 'stopped/20-hangs',
    script: `exec 3>${path}; sleep 1000 & sleep 1000`,
    toml: 'timeout = "100ms"',
  })
  hooks.add({ name: 'stopped/30-next' })
  const run = await hooks.run({ phase: 'stopped' })
  t.same(endings(run), ['20-hangs timed-out: it was not over after 0.1 s, and was ended', '30-next done'])
  await gone
})

test('runPhase() gives a hook the time that its phase has unless it says otherwise', async (t) => {
  const hooks = new TestHooks(t)
  hooks.add({ name: 'before-migration/20-hangs', script: 'exec sleep 1000' })
  const clock = new FakeClock()
  const delays: number[] = []
  const noting = {
    now: () => clock.now(),
    setTimer: (delayMs: number, action: () => void) => {
      delays.push(delayMs)
      setImmediate(action)
      return { cancel: () => undefined }
    },
  }
  await hooks.run({ phase: 'before-migration' }, { clock: noting })
  t.equal(delays[0], 10_000)
})

test('runPhase() breaks off: what runs is ended, the rest is not run', async (t) => {
  const hooks = new TestHooks(t)
  const { path, gone } = lifeline(t)
  hooks.add({ name: 'extra/20-hangs', script: `exec 3>${path}; touch ${hooks.root}/began; sleep 1000` })
  hooks.add({ name: 'extra/30-next' })
  const stop = new AbortController()
  const running = hooks.run({ phase: 'extra', signal: stop.signal })
  while (!existsSync(join(hooks.root, 'began'))) await new Promise((resolve) => setImmediate(resolve))
  stop.abort()
  t.same(endings(await running), [
    '20-hangs failed: the phase was broken off, and it was ended',
    '30-next not-run: the phase was broken off',
  ])
  await gone
})

test('runPhase() lets a hook say no where the phase waits for it, and runs nothing more', async (t) => {
  const hooks = new TestHooks(t)
  hooks.add({ name: 'starting/20-fails', script: 'exit 1' })
  hooks.add({ name: 'starting/30-guard', script: 'exit 1', toml: 'veto = true' })
  hooks.add({ name: 'starting/40-next' })
  const run = await hooks.run({ phase: 'starting' })
  t.same(endings(run), [
    '20-fails failed: exit status 1',
    '30-guard failed: exit status 1',
    '40-next not-run: "30-guard" has said no',
  ])
  t.match(run, { isVetoed: true, vetoedBy: '30-guard' })
})

test('runPhase() names the first of two that say no at once', async (t) => {
  const hooks = new TestHooks(t)
  for (const name of ['20-one', '20-two'])
    hooks.add({ name: `starting/${name}`, script: 'exit 1', toml: 'parallel = true\nveto = true' })
  hooks.add({ name: 'starting/30-next', toml: 'veto = true' })
  const run = await hooks.run({ phase: 'starting' })
  t.equal(run.vetoedBy, '20-one')
  t.same(
    run.results.map(({ isVeto }) => isVeto),
    [true, true, false],
  )
})

test('runPhase() takes it for a no when whose word counts cannot be asked or does not answer', async (t) => {
  const cases: readonly (readonly [ending: string, add: (hooks: TestHooks) => void])[] = [
    [
      'refused: it is not executable; chmod +x it',
      (hooks) => hooks.add({ name: 'starting/30-guard', toml: 'veto = true', mode: 0o644 }),
    ],
    [
      'refused: its settings cannot be used: line 1: there is no setting "vetto"; did you mean "veto"?',
      (hooks) => hooks.add({ name: 'starting/30-guard', toml: 'vetto = true' }),
    ],
    [
      'timed-out: it was not over after 0.05 s, and was ended',
      (hooks) =>
        hooks.add({
          name: 'starting/30-guard',
          script: 'exec sleep 1000',
          toml: 'veto = true\ntimeout = "50ms"',
        }),
    ],
    [
      'not-run: it requires "20-fails", which was not done',
      (hooks) => {
        hooks.add({ name: 'starting/20-fails', script: 'exit 1' })
        hooks.add({ name: 'starting/30-guard', toml: 'veto = true\nrequires = ["20-fails"]' })
      },
    ],
  ]
  for (const [ending, add] of cases) {
    const hooks = new TestHooks(t)
    add(hooks)
    const run = await hooks.run({ phase: 'starting' })
    t.equal(endings(run).at(-1), `30-guard ${ending}`)
    t.match(run, { isVetoed: true, vetoedBy: '30-guard' }, ending)
  }
})

test('runPhase() keeps the end of what a hook prints, and its last run in a log of its own', async (t) => {
  const hooks = new TestHooks(t)
  const script = `head -c ${hookOutputBytesMax * 4} /dev/zero | tr '\\0' x; echo the end`
  hooks.add({ name: 'extra/20-talks', script })
  const { run, results } = await hooks.run({ phase: 'extra', subject: { guest: { name: 'web1' } } })
  const [{ output } = { output: '' }] = results
  t.match(output, /^\[[0-9]+ bytes before this were dropped\]\nx+the end\n$/)
  t.ok(Buffer.byteLength(output) < hookOutputBytesMax + 100)
  const [facts = '', ...rest] = readFileSync(join(hooks.logs, 'extra/20-talks.log'), 'utf8').split('\n')
  t.match(JSON.parse(facts), { phase: 'extra', hook: '20-talks', guest: 'web1', run, outcome: 'done' })
  t.equal(rest.join('\n'), output)
})

test('runPhase() does not depend on its logs', async (t) => {
  const hooks = new TestHooks(t)
  hooks.add({ name: 'extra/20-good' })
  writeFileSync(hooks.logs, 'a file')
  t.same(endings(await hooks.run({ phase: 'extra' })), ['20-good done'])
})

test('runPhase() refuses an unknown phase, one of the other side, and a subject that is too large', async (t) => {
  const hooks = new TestHooks(t)
  const run = async (phase: string, subject = {}): Promise<unknown> =>
    await hooks.run({ phase: phase as PhaseName, subject })
  await t.rejects(run('instal'), {
    message: 'Cannot run the hooks of "instal": there is no such phase; did you mean "install"?',
  })
  await t.rejects(run('before-freeze'), {
    message:
      /^Cannot run the hooks of "before-freeze": the host has no such phase; the phases are override-defaults, /,
  })
  await t.rejects(run('extra', { text: 'x'.repeat(hookSubjectBytesMax) }), { code: 'bad-subject' })
})

test('status counts outcomes and keeps the last troubles', async (t) => {
  const hooks = new TestHooks(t)
  hooks.add({ name: 'starting/20-good' })
  hooks.add({ name: 'starting/30-guard', script: 'exit 4', toml: 'veto = true' })
  const opened = await hooks.open()
  for (let count = 0; count < 25; count += 1)
    await opened.runPhase({ phase: 'starting', subject: { guest: { name: `web${count}` } } })
  t.match(opened.status, { phasesRun: 25, vetoed: 25, outcomes: { done: 25, failed: 25, skipped: 0 } })
  t.equal(opened.status.troubles.length, 20)
  t.match(opened.status.troubles.at(-1), {
    phase: 'starting',
    hook: '30-guard',
    guest: 'web24',
    reason: 'exit status 4',
  })
})
