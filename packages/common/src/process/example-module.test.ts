import { join } from 'node:path'
import { test } from 'tap'
import { FakeClock } from '../fake-clock.js'
import { silentLog } from '../log.js'
import { ModuleRunner } from './module-runner.js'
import { finishedModule, testFacts } from './test-modules.js'

const path = join(import.meta.dirname, '../../../../commands/both/echo-fast.mjs')

test('the shipped module answers its arguments or its input', async (t) => {
  const runner = new ModuleRunner({ clock: new FakeClock(), log: silentLog })
  t.teardown(async () => await runner.close())
  const call = async (args: readonly string[], input?: string): Promise<unknown> => {
    const running = runner.start({ path, args, facts: testFacts, hasStdin: input !== undefined })
    if ('kind' in running) return running
    const finished = finishedModule(running)
    running.stdin?.end(input)
    return await finished
  }
  const answer = (stdout: string): unknown => ({ result: { kind: 'exited', code: 0 }, stdout, stderr: '' })
  t.same(await call(['two words', '']), answer('two words\n\n'))
  t.same(await call([], 'x'.repeat(300_000)), answer('x'.repeat(300_000)))
  t.same(await call([]), answer(''))
})
