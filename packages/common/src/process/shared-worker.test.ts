import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { FakeClock } from '../fake-clock.js'
import { moduleIdleMs, moduleLoadMs } from './module-limits.js'
import { stopGraceMs } from '../limits.js'
import { silentLog } from '../log.js'
import { testFolder } from '../test-folder.js'
import { ModuleRunner } from './module-runner.js'
import type { RunningCommand } from './runner.js'
import { finishedModule, testFacts } from './test-modules.js'
import { untilPrinted } from './test-processes.js'

/** Tells the thread that it runs in, and whether another has been there. */
const honest = `import { threadId } from 'node:worker_threads'
  export default async ({ args: [way], write, signal }) => {
    if (way === 'wait') {
      await write('waiting')
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    }
    return String(threadId)
  }`
const exited = { kind: 'exited', code: 0 }

interface Folder {
  readonly write: (name: string, code: string) => void
  readonly start: (name: string, options?: { way?: string; worker?: string | undefined }) => RunningCommand
  readonly call: (
    name: string,
    options?: { worker?: string | undefined },
  ) => ReturnType<typeof finishedModule>
}

/** Modules that share the worker `system` unless told. */
function folderOf(t: Test, clock = new FakeClock()): Folder {
  const folder = testFolder(t)
  const runner = new ModuleRunner({ clock, log: silentLog })
  t.teardown(async () => await runner.close())
  const start: Folder['start'] = (name, { way, worker = 'system' } = {}) => {
    const path = join(folder, `${name}.mjs`)
    const args = way === undefined ? [] : [way]
    const running = runner.start({ path, args, facts: testFacts, hasStdin: false, worker })
    if ('kind' in running) throw new Error(`did not start: ${JSON.stringify(running)}`)
    return running
  }
  const write = (name: string, code: string): void => writeFileSync(join(folder, `${name}.mjs`), code)
  return { write, start, call: async (name, options) => await finishedModule(start(name, options)) }
}

test('modules of a folder that name the same worker run in one thread, and others do not', async (t) => {
  const { write, call } = folderOf(t)
  for (const name of ['one', 'two']) write(name, honest)
  const [one, two, again] = [await call('one'), await call('two'), await call('one')]
  t.match(one.stdout, /^\d+$/)
  t.same([two, again], [one, one])
  t.not((await call('two', { worker: 'another' })).stdout, one.stdout)
  const [elsewhere] = [folderOf(t)]
  elsewhere.write('one', honest)
  t.not((await elsewhere.call('one')).stdout, one.stdout, 'the same name in another folder is another worker')
})

test('a changed module takes its neighbours to a new thread, and calls in the old one go on', async (t) => {
  const { write, start, call } = folderOf(t)
  for (const name of ['one', 'two']) write(name, honest)
  const waiting = start('two', { way: 'wait' })
  await untilPrinted(waiting, 'waiting')
  const before = await call('one')
  write('one', honest.replace('String(threadId)', '`changed ${threadId}`'))
  const after = await call('one')
  t.match(after.stdout, /^changed \d+$/)
  t.equal(`changed ${(await call('two')).stdout}`, after.stdout)
  const end = finishedModule(waiting)
  waiting.stop()
  t.same(await end, { result: exited, stdout: before.stdout, stderr: '' })
})

test('a module that cannot be loaded leaves the calls of its neighbours alone, and is tried again', async (t) => {
  const { write, start, call } = folderOf(t)
  write('good', honest)
  write('bad', 'export default (')
  const waiting = start('good', { way: 'wait' })
  await untilPrinted(waiting, 'waiting')
  t.match((await call('bad')).result, { kind: 'failed-to-start' })
  t.same((await call('good')).result, exited)
  write('bad', honest)
  t.same((await call('bad')).result, exited)
  const end = finishedModule(waiting)
  waiting.stop()
  t.same((await end).result, exited)
})

test('a module that is never loaded ends its neighbours, too, and the next call works', async (t) => {
  const clock = new FakeClock()
  const { write, start, call } = folderOf(t, clock)
  write('good', honest)
  write('stuck', 'await new Promise(() => setInterval(() => 0, 1e6))')
  const waiting = start('good', { way: 'wait' })
  await untilPrinted(waiting, 'waiting')
  const [stuck, neighbour] = [call('stuck'), finishedModule(waiting)]
  await clock.advance(moduleLoadMs)
  t.match((await stuck).result, { kind: 'failed-to-start', reason: /not loaded within 60 seconds/ })
  t.match(await neighbour, {
    result: { kind: 'exited', code: 70 },
    stderr: 'tested: its module was ended: another one in its worker could not be loaded\n',
  })
  t.same((await call('good')).result, exited)
})

test('a call that does not stop ends the thread, and its neighbours are told', async (t) => {
  const clock = new FakeClock()
  const { write, start, call } = folderOf(t, clock)
  write('good', honest)
  write('deaf', `export default async ({ write }) => { await write('deaf'); await new Promise(() => 0) }`)
  const [waiting, deaf] = [start('good', { way: 'wait' }), start('deaf')]
  await untilPrinted(waiting, 'waiting')
  await untilPrinted(deaf, 'deaf')
  const [neighbour, end] = [finishedModule(waiting), finishedModule(deaf)]
  deaf.stop()
  await clock.advance(stopGraceMs)
  t.same((await end).result, { kind: 'signalled', signal: 'SIGKILL' })
  t.match((await neighbour).stderr, /another call in its worker did not stop when it was told to/)
  t.same((await call('good')).result, exited)
})

test('a shared worker ends when none of its modules is called', async (t) => {
  const clock = new FakeClock()
  const { write, call } = folderOf(t, clock)
  for (const name of ['one', 'two']) write(name, honest)
  const first = await call('one')
  await clock.advance(moduleIdleMs - 1)
  t.equal((await call('two')).stdout, first.stdout)
  await clock.advance(moduleIdleMs - 1)
  t.equal((await call('one')).stdout, first.stdout, 'a call of another begins the time anew')
  await clock.advance(moduleIdleMs)
  t.not((await call('one')).stdout, first.stdout)
  t.ok(clock.timerCount <= 1)
})
