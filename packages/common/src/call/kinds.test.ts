import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'tap'
import { servedPair } from './test-calls.js'
import { testJudge, testRule } from './test-judge.js'

const asNobody = testJudge(() => ({ kind: 'allow', rule: testRule({ user: 'nobody' }) }))

test('a module is called by its name without its ending, and knows its caller', async (t) => {
  const caller = { kind: 'guest', name: 'web1', uuid: '6d1f' } as const
  const { folder, run, audit } = await servedPair(t, { caller })
  const text = 'export default async ({ caller, args }) => `${caller} ${args}\\n`\n'
  writeFileSync(join(folder, 'greet.mjs'), text, { mode: 0o644 })
  const { stream, stdout } = run({ command: 'greet', args: ['a', 'b'] })
  t.same(await stream.result, { kind: 'exited', code: 0 })
  t.equal(stdout.text, 'web1 a,b\n')
  t.match(audit.records, [{ command: 'greet', stdoutBytes: 9 }])
})

test('a service gets the call in its first line', async (t) => {
  const { folder, run } = await servedPair(t)
  const service = createServer({ allowHalfOpen: true }, (socket) =>
    socket.on('data', (bytes) => socket.end(bytes)),
  )
  service.listen(join(folder, 'echo'))
  await once(service, 'listening')
  t.teardown(() => service.close())
  const { stream, stdout } = run({ command: 'echo', args: ['x'] })
  t.same(await stream.result, { kind: 'exited', code: 0 })
  t.match(JSON.parse(stdout.text), { command: 'echo', args: ['x'], caller: 'host' })
})

test('a module and a service cannot run as the user that a rule names', async (t) => {
  const { folder, run } = await servedPair(t, { judge: asNobody })
  writeFileSync(join(folder, 'greet.mjs'), 'export default async () => 0\n', { mode: 0o644 })
  t.same(await run({ command: 'greet' }).stream.result, {
    kind: 'failed-to-start',
    reason:
      'it shall run as another user, and a module runs in the daemon; make it an executable, or take user and group away',
  })
  const service = createServer().listen(join(folder, 'echo'))
  await once(service, 'listening')
  t.teardown(() => service.close())
  t.same(await run({ command: 'echo' }).stream.result, {
    kind: 'failed-to-start',
    reason:
      'it shall run as another user, and a service runs as it was started; make it an executable, or take user and group away',
  })
})
