import { test } from 'tap'
import { createLog } from '../log.js'
import { callsPerGuestMax, laneQueueBytes, laneWindowBytes, turnPatienceMs } from '../limits.js'
import { writeCommand } from '../test-folder.js'
import { servedPair, untilRead } from './test-calls.js'

test('a call runs the command and brings its outputs and its exit status', async (t) => {
  const { folder, run } = await servedPair(t)
  writeCommand({ folder, name: 'print-both', script: 'echo "out $1"; echo "err $2" >&2; exit 3' })
  const { stream, stdout, stderr } = run({ command: 'print-both', args: ['a b', '$(reboot)'] })
  t.same(await stream.result, { kind: 'exited', code: 3 })
  t.equal(stdout.text, 'out a b\n')
  t.equal(stderr.text, 'err $(reboot)\n')
})

test('a call carries standard input, and its end', async (t) => {
  const { folder, run } = await servedPair(t)
  writeCommand({ folder, name: 'sort-lines', script: 'exec sort' })
  const { stream, stdout } = run({ command: 'sort-lines', hasStdin: true })
  stream.stdin.write(Buffer.from('b\na\n'))
  stream.stdin.end()
  t.same(await stream.result, { kind: 'exited', code: 0 })
  t.equal(stdout.text, 'a\nb\n')
})

test('a call without standard input reads an empty one, whatever is sent', async (t) => {
  const { folder, run } = await servedPair(t)
  writeCommand({ folder, name: 'print-input', script: 'exec cat' })
  const { stream, stdout } = run({ command: 'print-input', hasStdin: false })
  stream.stdin.write(Buffer.from('ignored'))
  t.same(await stream.result, { kind: 'exited', code: 0 })
  t.equal(stdout.text, '')
})

test('a command need not read its input to the end', async (t) => {
  const { folder, run } = await servedPair(t)
  writeCommand({ folder, name: 'read-one-line', script: 'read -r line; echo "$line"' })
  const { stream, stdout } = run({ command: 'read-one-line', hasStdin: true })
  stream.stdin.write(Buffer.from('first\n'))
  let sentBytes = 0
  const write = (): void => {
    while (sentBytes < 8 * (laneWindowBytes + laneQueueBytes) && stream.stdin.write(Buffer.alloc(16_384)))
      sentBytes += 16_384
  }
  stream.stdin.onDrained = write
  write()
  t.same(await stream.result, { kind: 'exited', code: 0 })
  t.equal(stdout.text, 'first\n')
})

test('a command knows its caller, its name and its call', async (t) => {
  const script =
    'echo "$NEGOTIATOR_COMMAND|$NEGOTIATOR_CALLER|$NEGOTIATOR_CALLER_UUID|$NEGOTIATOR_GUEST|$(pwd)|$NEGOTIATOR_CALL_ID"'
  const asHost = await servedPair(t)
  writeCommand({ folder: asHost.folder, name: 'who-calls', script })
  const fromHost = asHost.run({ command: 'who-calls' })
  await fromHost.stream.result
  t.match(fromHost.stdout.text, /^who-calls\|host\|\|\|\/\|[0-9a-f-]{36}\n$/)

  const asGuest = await servedPair(t, { caller: { kind: 'guest', name: 'web1', uuid: '6d1f' } })
  writeCommand({ folder: asGuest.folder, name: 'who-calls', script })
  const fromGuest = asGuest.run({ command: 'who-calls' })
  await fromGuest.stream.result
  t.match(fromGuest.stdout.text, /^who-calls\|web1\|6d1f\|web1\|\/\|[0-9a-f-]{36}\n$/)
})

test('a name that is no command is unknown', async (t) => {
  const { folder, run } = await servedPair(t)
  writeCommand({ folder: `${folder}/..`, name: 'outside', script: 'exit 0' })
  for (const command of ['absent', '../outside', '/bin/sh', '', 'x'.repeat(1000)]) {
    const result = await run({ command }).stream.result
    t.same(
      result,
      { kind: 'unknown-command', reason: 'there is no command of this name' },
      command.slice(0, 20),
    )
  }
})

test('a file that is refused does not run, and the caller learns why', async (t) => {
  const { folder, run } = await servedPair(t)
  writeCommand({ folder, name: 'writable', script: 'exit 0', mode: 0o777 })
  const reason = 'its file may be written by others than its owner; chmod go-w it'
  t.same(await run({ command: 'writable' }).stream.result, { kind: 'failed-to-start', reason })
})

test('a command that cannot be started says why', async (t) => {
  const { folder, run } = await servedPair(t)
  writeCommand({ folder, name: 'hello', script: 'exit 0' })
  const reason = 'an argument holds a NUL, which no program can be given'
  t.same(await run({ command: 'hello', args: ['\0'] }).stream.result, { kind: 'failed-to-start', reason })
})

test('a guest passes no call of its host on', async (t) => {
  const { folder, run } = await servedPair(t, { side: 'guest' })
  writeCommand({ folder, name: 'hello', script: 'exit 0' })
  for (const target of ['web2', '']) {
    const result = await run({ command: 'hello', target }).stream.result
    t.same(result, {
      kind: 'denied',
      reason: 'a guest relays no calls; call the other guest from the host',
    })
  }
})

test("what only a daemon's own programs may ask for is denied", async (t) => {
  const { pair } = await servedPair(t)
  for (const ask of ['peers', 'status'] as const) {
    const { result } = pair.caller.session.open({ ask })
    t.same(await result, {
      kind: 'denied',
      reason: `a peer may not ask for "${ask}"; only programs on its own machine may`,
    })
  }
  for (const ask of ['ping', 'wait'] as const) {
    t.match(await pair.caller.session.open({ ask, target: 'web1' }).result, { kind: 'denied' })
  }
})

test('a new file can be called at once', async (t) => {
  const { folder, run } = await servedPair(t)
  t.match(await run({ command: 'new' }).stream.result, { kind: 'unknown-command' })
  writeCommand({ folder, name: 'new', script: 'exit 0' })
  t.match(await run({ command: 'new' }).stream.result, { kind: 'exited' })
})

test('100 calls at once get one result each, and leave nothing', async (t) => {
  const { pair, folder, run } = await servedPair(t)
  writeCommand({ folder, name: 'exit-with', script: 'echo "$1"; exit "$1"' })
  const calls = Array.from({ length: 100 }, (_, code) => ({
    code,
    ...run({ command: 'exit-with', args: [String(code)] }),
  }))
  for (const { code, stream, stdout } of calls) {
    t.same(await stream.result, { kind: 'exited', code })
    t.equal(stdout.text, `${code}\n`)
  }
  t.same([pair.caller.session.callCount, pair.server.session.callCount], [0, 0])
  t.equal(pair.caller.counters.protocolErrors + pair.server.counters.protocolErrors, 0)
})

test('each call has one record, with its result', async (t) => {
  const { folder, run, audit } = await servedPair(t)
  writeCommand({ folder, name: 'exit-with', script: 'read -r line; echo "$line"; echo no >&2; exit "$1"' })
  const { stream } = run({ command: 'exit-with', args: ['3'], hasStdin: true })
  stream.stdin.write(Buffer.from('word\n'))
  stream.stdin.end()
  await stream.result
  await run({ command: 'absent' }).stream.result
  t.match(audit.records, [
    {
      direction: 'in',
      caller: { name: 'host' },
      target: { name: 'host' },
      command: 'exit-with',
      rule: '30-test.policy:1',
      result: { kind: 'exited', code: 3 },
      stdinBytes: 5,
      stdoutBytes: 5,
      stderrBytes: 3,
    },
    { command: 'absent', result: { kind: 'unknown-command' }, stdoutBytes: 0 },
  ])
  t.not(audit.records[0]?.callId, audit.records[1]?.callId)
})

test('a fault of ours is a fixed sentence to the caller, and the whole of it in the log', async (t) => {
  const lines: string[] = []
  const log = createLog({ level: 'error', format: 'text', write: (line) => void lines.push(line) })
  const { registry, run } = await servedPair(t, { log })
  t.capture(registry, 'find', () => {
    throw new Error('/secret/path is broken')
  })
  const reason = 'the daemon on the other side failed; its log says why'
  t.same(await run({ command: 'any' }).stream.result, { kind: 'failed-to-start', reason })
  t.match(lines[0], '/secret/path is broken')
})

test('a guest has so many calls under way, the next waits for one to end, and is told when none does', async (t) => {
  const { folder, run, pair, audit } = await servedPair(t, {
    caller: { kind: 'guest', name: 'web1', uuid: '6d1f' },
  })
  writeCommand({ folder, name: 'echo-input', script: 'exec cat' })
  const start = () => run({ command: 'echo-input', hasStdin: true })
  const first = Array.from({ length: callsPerGuestMax }, start)
  for (const { stream, stdout } of first) {
    stream.stdin.write(Buffer.from('runs'))
    await untilRead(stdout, 'runs')
  }
  const late = start()
  late.stream.stdin.end()
  await pair.clock.advance(turnPatienceMs)
  t.same(await late.stream.result, {
    kind: 'busy',
    reason:
      'the host runs 48 commands for one caller at once, and none has ended for 30 s; call again when one has',
  })
  const next = start()
  next.stream.stdin.end()
  first[0]?.stream.stdin.end()
  t.same(await next.stream.result, { kind: 'exited', code: 0 })
  for (const { stream } of first) stream.stdin.end()
  await Promise.all(first.map(async ({ stream }) => await stream.result))
  await pair.clock.advance(1000)
  t.equal(audit.records.length, callsPerGuestMax + 2)
})
