// What was wrong with appmonitor, each shown to be absent.
import { test } from 'tap'
import { legacyLineBytesMax, legacyTimeoutMs } from '../dialect-limits.js'
import { appmonitorStage } from './test-appmonitor.js'
import type { TestEnd } from './test-appmonitor.js'

const fail: TestEnd = { stdout: 'half', stderr: 'why', result: { kind: 'exited', code: 3 } }

test('a shell line is no command of ours: it is input of one that an administrator put there', async (t) => {
  const { ask, calls } = appmonitorStage({ 'appmonitor-shell': {} })
  await ask('{"operation":"execute_command","cmd":"rm -rf /; id"}\n\r')
  t.match(calls, [{ request: { command: 'appmonitor-shell', args: [] }, input: 'rm -rf /; id\n' }])
  t.equal(calls.length, 1)
})

test('a path of a script leads nowhere, and nothing in it is read as shell', async (t) => {
  const { ask, calls } = appmonitorStage({})
  const paths = ['/root/h.sh; id -un', '../../etc/h.sh', '/root/$(id).sh  a "b c"', '', '/']
  for (const path of paths)
    t.match(await ask(`${JSON.stringify({ operation: 'execute_script', path, type: 'sh' })}\n\r`), /0r1"/)
  t.same(
    calls.map(({ request: { command, args } }) => [command, ...args]),
    [['h.sh;', 'id', '-un'], ['h.sh'], ['$(id).sh', 'a', '"b', 'c"'], [''], ['']],
  )
})

test('every request has one answer, and what is denied looks as what is not implemented', async (t) => {
  const denied: TestEnd = { result: { kind: 'denied', reason: 'the called guest does not allow it' } }
  const { ask } = appmonitorStage({ 'os-info': denied, memory: fail, users: { stdout: '{"users":7}' } })
  for (const [name, detail] of [
    ['os_info', 'denied: the called guest does not allow it'],
    ['available_ram', null],
    ['users', '"users" did not answer as the shipped one does'],
  ]) {
    const plain = { operation: 'get_infomation', name }
    t.equal(
      await ask(`${JSON.stringify(plain)}\n\r`),
      '{"operation": "get_infomation", "result": "0e0r0r0o0r1"}\n\n\r',
      `a failing ${name}`,
    )
    const answer: unknown = JSON.parse(await ask(`${JSON.stringify({ ...plain, detail: true })}\n\r`))
    t.match(answer, { result: '0e0r0r0o0r1', ok: false, reason: detail })
  }
  for (const broken of [{ operation: 'execute_command' }, { operation: 'execute_script', type: 'sh' }])
    t.match(await ask(`${JSON.stringify(broken)}\n\r`), /"result": "0e0r0r0o0r1"}\n\n\r$/)
  for (const operation of ['toString', '__proto__', 'constructor'])
    t.match(await ask(`{"operation":"${operation}"}\n\r`), /0e0r0r0o0r0/)
})

test('status and output of what failed are told to who asks for them', async (t) => {
  const { ask } = appmonitorStage({ 'appmonitor-shell': fail })
  t.equal(
    await ask('{"operation":"execute_command","cmd":"x","detail":true}\n\r'),
    '{"operation": "execute_command", "result": "0e0r0r0o0r1", "ok": false, "exit_status": 3, "signal": null, "output": "half", "errors": "why", "reason": null}\n\n\r',
  )
})

test('a command that prints an error text is told from one that failed', async (t) => {
  const { ask } = appmonitorStage({ 'appmonitor-shell': { stdout: '0e0r0r0o0r1\n' } })
  const answer: unknown = JSON.parse(await ask('{"operation":"execute_command","cmd":"x","detail":true}\n\r'))
  t.match(answer, { result: '0e0r0r0o0r1', ok: true, exit_status: 0 })
})

test('output that is too long is an error, and never cut in silence', async (t) => {
  const { ask } = appmonitorStage({ 'appmonitor-shell': { stdout: 'x'.repeat(1001) } })
  const answer = await ask('{"operation":"execute_command","cmd":"x","detail":true}\n\r')
  t.match(JSON.parse(answer), { result: '0e0r0r0o0r1', ok: false, reason: 'its output is too long' })
})

test('answers tell what they answer: a request may have an id', async (t) => {
  const { ask } = appmonitorStage({})
  const answers = await ask('{"operation":"nosuch","id":"7"}\n\r{"operation":"echo","id":8}\n\r')
  t.same(answers.split('\n\n\r').sort(), [
    '',
    '{"operation": "echo", "id": 8}',
    '{"operation": "nosuch", "result": "0e0r0r0o0r0", "id": "7"}',
  ])
})

test('a slow command holds up nobody who numbers requests, and has a deadline', async (t) => {
  const { ask, calls } = appmonitorStage({ 'appmonitor-shell': { isHung: true } })
  t.equal(await ask('{"operation":"execute_command","cmd":"sleep 1000"}\n\r'), '')
  t.equal(await ask('{"operation":"echo","id":1}\n\r'), '{"operation": "echo", "id": 1}\n\n\r')
  t.equal(
    await ask('{"operation":"echo"}\n\r'),
    '',
    'who does not waits, for it takes the next answer for its own',
  )
  t.equal(calls[0]?.request.timeoutMs, legacyTimeoutMs)
  calls[0]?.call.finish({ kind: 'timed-out', reason: 'it took too long' })
  t.equal(
    await ask(''),
    '{"operation": "execute_command", "result": "0e0r0r0o0r1"}\n\n\r{"operation": "echo"}\n\n\r',
    'in their order',
  )
})

test('an answer to one who has left is not the next one’s', async (t) => {
  const { left, ask, calls } = appmonitorStage({ 'appmonitor-shell': { isHung: true } })
  await ask('{"operation":"execute_command","cmd":"sleep 1"}\n\r')
  left.close()
  calls[0]?.call.finish({ kind: 'exited', code: 0 })
  t.equal(await ask(''), '')
})

test('a short write splits nothing: an answer and its end are one piece', async (t) => {
  const { left, ask } = appmonitorStage({ 'appmonitor-shell': { stdout: 'x'.repeat(900) } })
  left.hold()
  const request = '{"operation":"execute_command","cmd":"x"}\n\r'
  await ask(request.repeat(50))
  left.release()
  const answers = (await ask('')).split('\n\n\r')
  t.equal(answers.pop(), '')
  t.equal(answers.length, 50)
  t.ok(answers.every((answer) => (JSON.parse(answer) as { result: string }).result.length === 900))
})

test('a line that is too long is answered in its turn', async (t) => {
  const { ask } = appmonitorStage({})
  t.equal(
    await ask(`${'x'.repeat(legacyLineBytesMax + 1)}\n\r{"operation":"echo"}\n\r`),
    '{"operation": "", "result": "0e0r0r0o0r1"}\n\n\r{"operation": "echo"}\n\n\r',
  )
})

test('a password of a module is on its standard input, where no list of processes shows it', async (t) => {
  const { ask, calls } = appmonitorStage({ mysql_uptime: {} })
  await ask('{"operation":"get_infomation","name":"mysql_uptime","attr":{"password":"hunter2"}}\n\r')
  t.match(calls, [{ request: { args: [] }, input: '{"password":"hunter2"}\n' }])
})

test('a name without attributes is never a command', async (t) => {
  const { ask, calls } = appmonitorStage({ power: {} })
  t.match(await ask('{"operation":"get_infomation","name":"power"}\n\r'), /0e0r0r0o0r2/)
  t.equal(calls.length, 0)
})
