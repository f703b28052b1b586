import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { settle } from '../fake-clock.js'
import type { Test } from 'tap'
import { until } from '../session/session-pair.js'
import { writeCommand } from '../test-folder.js'
import { servedPair, untilRead } from './test-calls.js'
import type { ServedPair } from './test-calls.js'
import { testJudge, testRule } from './test-judge.js'
import type { RuleOptions } from '../policy/rule.js'

interface Given {
  readonly script: string
  readonly settings?: string
  readonly options?: RuleOptions
}

/** A side whose one command `it` is this. */
async function withCommand(t: Test, { script, settings = '', options = {} }: Given): Promise<ServedPair> {
  const judge = testJudge(() => ({ kind: 'allow', rule: testRule(options) }))
  const pair = await servedPair(t, { judge })
  writeCommand({ folder: pair.folder, name: 'it', script })
  writeFileSync(join(pair.folder, 'it.toml'), settings, { mode: 0o644 })
  return pair
}

test('a call with other arguments than the settings take is refused', async (t) => {
  const { run } = await withCommand(t, {
    script: 'echo "$@"',
    settings: 'args = ["[a-z]+", "[0-9]+"]\nusage = "DISK GIGABYTES"',
  })
  const good = run({ command: 'it', args: ['vda', '10'] })
  t.same(await good.stream.result, { kind: 'exited', code: 0 })
  t.equal(good.stdout.text, 'vda 10\n')
  t.same(await run({ command: 'it', args: ['vda', '--force'] }).stream.result, {
    kind: 'denied',
    reason:
      'its settings: argument 2 ("--force") begins with "-" as an option does, which this command does not take there; ' +
      'usage: DISK GIGABYTES',
  })
})

test('a call that sends input to a command that takes none is refused', async (t) => {
  const { run } = await withCommand(t, { script: 'cat', settings: 'stdin = false' })
  t.same(await run({ command: 'it', hasStdin: true }).stream.result, {
    kind: 'denied',
    reason: 'its settings: it takes no standard input; call it with --no-stdin',
  })
  t.match(await run({ command: 'it' }).stream.result, { kind: 'exited' })
})

test('folder and environment are what the settings say, and who calls is not for them to change', async (t) => {
  const { run } = await withCommand(t, {
    script: 'echo "$(pwd) $COLOUR $NEGOTIATOR_CALLER $PATH"',
    settings: 'folder = "/usr"\nenvironment = { COLOUR = "blue" }',
  })
  const { stream, stdout } = run({ command: 'it' })
  await stream.result
  t.match(stdout.text, /^\/usr blue host \/usr\/local\/sbin:/)
})

for (const [what, given, who] of [
  ['a rule', { options: { timeoutMs: 5000 } }, ", as the policy's rule says"],
  ['its settings', { settings: 'timeout = "5s"' }, ', as its settings say'],
] as const) {
  test(`a command that runs longer than ${what} allows is ended`, async (t) => {
    const { pair, run } = await withCommand(t, { script: 'echo up; sleep 1000', ...given })
    const { stream, stdout } = run({ command: 'it', timeoutMs: 60_000 })
    await untilRead(stdout, 'up')
    await pair.clock.advance(5000)
    t.same(await stream.result, {
      kind: 'timed-out',
      reason: `the command was ended after 5 s${who}`,
    })
  })

  test(`a command that prints more than ${what} allows is ended`, async (t) => {
    const limited =
      what === 'a rule' ? { options: { outputBytesMax: 1024 } } : { settings: 'max-output = "1KiB"' }
    const { run } = await withCommand(t, { script: 'yes', ...limited })
    const { stream, stdout } = run({ command: 'it' })
    t.same(await stream.result, { kind: 'cancelled', reason: 'its output passed the limit of 1024 bytes' })
    t.equal(stdout.text.length, 1024)
  })
}

test("a command's calls wait for one another, or are told that it is busy", async (t) => {
  const waiting = await withCommand(t, { script: 'echo "$1"; cat', settings: 'max-concurrent = 1' })
  const first = waiting.run({ command: 'it', args: ['first'], hasStdin: true })
  await untilRead(first.stdout, 'first')
  const second = waiting.run({ command: 'it', args: ['second'] })
  const third = waiting.run({ command: 'it', args: ['third'] })
  await settle()
  third.stream.cancel()
  t.match(await third.stream.result, { kind: 'cancelled' })
  t.equal(second.stdout.text, '')
  first.stream.stdin.end()
  await second.stream.result
  t.equal(second.stdout.text, 'second\n')
  await until(() => waiting.audit.records.length === 3)

  const busy = await withCommand(t, {
    script: 'echo up; cat',
    settings: 'max-concurrent = 1\nwhen-full = "busy"',
  })
  const running = busy.run({ command: 'it', hasStdin: true })
  await untilRead(running.stdout, 'up')
  t.same(await busy.run({ command: 'it' }).stream.result, {
    kind: 'busy',
    reason:
      'its settings allow 1 call of it at once; call again when one has ended, or raise its max-concurrent',
  })
  running.stream.stdin.end()
  await running.stream.result
  t.match(await busy.run({ command: 'it' }).stream.result, { kind: 'exited' })
})

test('secrets stand in no record', async (t) => {
  const { run, audit } = await withCommand(t, {
    script: 'exit 0',
    settings: 'secret-args = [2]',
    options: { audit: 'full' },
  })
  await run({ command: 'it', args: ['root', 'hunter2'] }).stream.result
  t.same(audit.records[0]?.args, ['root', '***'])
})

if (process.geteuid?.() === 0) {
  for (const [what, given] of [
    ['settings', { settings: 'user = "nobody"' }],
    ['rule', { options: { user: 'nobody' }, settings: 'user = "root"' }],
  ] as const) {
    test(`a command runs as the user that its ${what} name`, async (t) => {
      const { folder, run } = await withCommand(t, { script: 'id -un', ...given })
      // The user must get to it.
      chmodSync(join(folder, '..'), 0o755)
      const { stream, stdout } = run({ command: 'it' })
      t.same(await stream.result, { kind: 'exited', code: 0 })
      t.equal(stdout.text, 'nobody\n')
    })
  }
}

test('bad settings refuse their command, with the reason', async (t) => {
  const { run } = await withCommand(t, { script: 'exit 0', settings: 'timout = "5s"' })
  const result = await run({ command: 'it' }).stream.result
  t.match(result, { kind: 'failed-to-start', reason: /line 1.*"timout".*did you mean "timeout"/ })
})
