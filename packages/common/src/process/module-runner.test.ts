import { renameSync, writeFileSync } from 'node:fs'
import { test } from 'tap'
import { FakeClock } from '../fake-clock.js'
import { moduleIdleMs } from './module-limits.js'
import { silentLog } from '../log.js'
import { ModuleRunner } from './module-runner.js'
import { finishedModule, testFacts, testModule } from './test-modules.js'
import { untilPrinted } from './test-processes.js'

const exited = (code: number): unknown => ({ kind: 'exited', code })

/** Tells apart which worker has answered: each has a number of its own. */
const numbered = (text: string): string =>
  `const number = Math.random(); export default () => '${text} ' + number`

test('a module is told who calls, and with what', async (t) => {
  const code = `export default async function (call) {
    const { stdin, write, writeError, signal, ...facts } = call
    await writeError('to people')
    return JSON.stringify({ ...facts, aborted: signal.aborted, env: process.env, argv: process.argv.slice(2) })
  }`
  const { finished } = testModule(t, { code })
  const wanted = { args: ['--a', '', 'b\n"'], environment: { MODE: 'x' } }
  const { result, stdout, stderr } = await finished(wanted)
  t.same(result, exited(0))
  t.same(JSON.parse(stdout), {
    args: ['--a', '', 'b\n"'],
    caller: 'web1',
    callerKind: 'guest',
    callerUuid: '6d1f',
    command: 'tested',
    callId: 'b2c1',
    environment: { MODE: 'x' },
    aborted: false,
    env: {},
    argv: [],
  })
  t.equal(stderr, 'to people')
})

test('what a module returns is its answer', async (t) => {
  const code = `const answers = { nothing: undefined, status: 3, text: 'hällo', bytes: new Uint8Array([65, 66]), big: 256, object: {} }
    export default ({ args: [name] }) => answers[name]`
  const { finished } = testModule(t, { code })
  const object = 'its module may return an exit status, a text, bytes or nothing, and returned another thing'
  const cases: [name: string, code: number, stdout: string, stderr: string][] = [
    ['nothing', 0, '', ''],
    ['status', 3, '', ''],
    ['text', 0, 'hällo', ''],
    ['bytes', 0, 'AB', ''],
    ['big', 70, '', 'tested: its module returned 256, and an exit status is 0 to 255\n'],
    ['object', 70, '', `tested: ${object}\n`],
  ]
  for (const [name, status, stdout, stderr] of cases)
    t.same(await finished({ args: [name] }), { result: exited(status), stdout, stderr }, name)
})

test('what a module throws ends its call alone', async (t) => {
  const code = `export default async ({ args: [text], stdin }) => {
      if (text !== undefined) throw new Error(text)
      for await (const chunk of stdin) return 'fine'
    }`
  const { start, finished } = testModule(t, { code })
  const other = start({ hasStdin: true })
  t.same(await finished({ args: ['no such disk'] }), {
    result: exited(70),
    stdout: '',
    stderr: 'tested: no such disk\n',
  })
  other.stdin?.end('go')
  t.match(await finishedModule(other), { result: exited(0), stdout: 'fine' })
})

test('one worker serves all calls of a module', async (t) => {
  const { finished } = testModule(t, { code: numbered('one') })
  const answers = await Promise.all([finished(), finished(), finished()])
  t.equal(new Set(answers.map(({ stdout }) => stdout)).size, 1)
})

test('a changed module answers the next call, and the calls in the old one go on', async (t) => {
  const waiting = `export default async ({ stdin, write }) => {
    await write('loaded')
    for await (const chunk of stdin) return ' old'
  }`
  const { path, start, finished } = testModule(t, { code: waiting })
  const old = start({ hasStdin: true })
  const oldEnd = finishedModule(old)
  await untilPrinted(old, 'loaded')
  writeFileSync(path, numbered('new'))
  t.match((await finished()).stdout, 'new')
  const first = await finished()
  old.stdin?.end('go')
  t.equal((await oldEnd).stdout, 'loaded old')
  t.same(await finished(), first, 'the new one is still the same')
  writeFileSync(`${path}~`, numbered('moved'))
  renameSync(`${path}~`, path)
  t.match((await finished()).stdout, 'moved')
})

test('a module that cannot be loaded says so, names no path, and is tried again', async (t) => {
  const unloadable = "its module cannot be loaded; the daemon's log says why"
  const noFunction = 'its file exports no function as its default'
  const cases: [code: string, reason: string][] = [
    ['export default function (', unloadable],
    ["import 'node:nothing'; export default () => 0", unloadable],
    ["throw new Error('no')", unloadable],
    ['export default 5', noFunction],
    ['export const command = () => 0', noFunction],
  ]
  const { path, finished } = testModule(t, { code: '' })
  for (const [code, reason] of cases) {
    writeFileSync(path, code)
    t.same((await finished()).result, { kind: 'failed-to-start', reason }, code)
  }
  t.same((await finished()).result, { kind: 'failed-to-start', reason: noFunction })
  writeFileSync(path, numbered('mended'))
  t.match((await finished()).stdout, 'mended')
})

test('a module that is idle ends, and comes back', async (t) => {
  const clock = new FakeClock()
  const { finished } = testModule(t, { code: numbered('idle'), clock })
  const first = await finished()
  await clock.advance(moduleIdleMs - 1)
  t.same(await finished(), first)
  await clock.advance(moduleIdleMs - 1)
  t.same(await finished(), first, 'each call begins the time anew')
  await clock.advance(moduleIdleMs)
  t.not((await finished()).stdout, first.stdout)
})

test('a thousand calls are under way at once', async (t) => {
  const code = `const calls = []
    export default async ({ args: [number], stdin }) => {
      calls.push(number)
      for await (const chunk of stdin) return number + ' of ' + calls.length
    }`
  const { start } = testModule(t, { code })
  const running = Array.from({ length: 1000 }, (_, number) =>
    start({ args: [String(number)], hasStdin: true }),
  )
  const answers = running.map(finishedModule)
  running.forEach(({ stdin }) => stdin?.end('now'))
  const printed = (await Promise.all(answers)).map(({ stdout }) => stdout)
  t.same(
    printed,
    printed.map((_, number) => `${number} of 1000`),
  )
})

test('ModuleRunner.close() ends what runs, and takes nothing more', async (t) => {
  const { path } = testModule(t, { code: 'export default () => new Promise(() => undefined)' })
  const clock = new FakeClock()
  const runner = new ModuleRunner({ clock, log: silentLog })
  const wanted = { path, args: [], facts: testFacts, hasStdin: false }
  const running = runner.start(wanted)
  if ('kind' in running) throw new Error('did not start')
  const finished = finishedModule(running)
  await runner.close()
  t.match(await finished, { result: exited(70), stderr: 'tested: the daemon is ending\n' })
  t.same(runner.start(wanted), { kind: 'failed-to-start', reason: 'the daemon is ending' })
  t.equal(clock.timerCount, 0)
})

test('a module that is gone is not started', async (t) => {
  const runner = new ModuleRunner({ clock: new FakeClock(), log: silentLog })
  const wanted = { path: '/does/not/exist.mjs', args: [], facts: testFacts, hasStdin: false }
  t.same(runner.start(wanted), { kind: 'failed-to-start', reason: 'its file is not there any more' })
})
