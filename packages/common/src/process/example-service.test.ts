import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { systemClock } from '../clock.js'
import { testFolder } from '../test-folder.js'
import { startSocketCommand } from './socket-command.js'
import { finishedModule, testFacts } from './test-modules.js'

const example = join(import.meta.dirname, '../../../../docs/examples/count-service.mjs')

test('the example of a service counts the calls of each caller', async (t) => {
  const path = join(testFolder(t), 'count-calls')
  const service = spawn(process.execPath, [example, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => service.kill('SIGKILL'))
  await once(service.stdout, 'data')
  t.equal(statSync(path).mode & 0o077, 0, 'nobody else may connect')
  const call = async (callerName: string, args: readonly string[] = []): Promise<unknown> => {
    const facts = { ...testFacts, callerName }
    const running = await startSocketCommand({ path, args, facts, hasStdin: false }, systemClock)
    if ('kind' in running) return running
    const { result, stdout, stderr } = await finishedModule(running)
    return { ...result, stdout, stderr }
  }
  const answer = (stdout: string): unknown => ({ kind: 'exited', code: 0, stdout, stderr: '' })
  t.same(await call('web1'), answer('1\n'))
  t.same(await call('web1'), answer('2\n'))
  t.same(await call('web2'), answer('1\n'))
  t.same(await call('web2', ['--all']), answer('count-calls takes no arguments\n'))
  service.kill('SIGTERM')
  await once(service, 'exit')
  t.notOk(existsSync(path))
  t.same(await call('web1'), { kind: 'failed-to-start', reason: 'its service does not run' })
})
