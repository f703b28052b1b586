import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { ProgramRun } from '../test-program.js'
import { policyMachine } from './test-policy-machine.js'

test('policy lint finds every fault, with its place and what mends it', async (t) => {
  const { write, run } = policyMachine(t)
  t.same(await run('lint'), { code: 0, stdout: '3 rules in 1 file, 0 faults\n', stderr: '' })
  write('30-local.policy', 'hello * web1 @host alow', 'hello * web1 @hots deny')
  const { code, stdout } = await run('lint')
  t.equal(code, 1)
  t.match(stdout, /^30-local\.policy:1:20: unknown action "alow"; did you mean "allow"\?$/m)
  t.match(stdout, /^30-local\.policy:2:14: unknown keyword "@hots"; write @host/m)
  t.match(stdout, /, 2 faults\n$/)
  t.match(JSON.parse((await run('lint', '--json')).stdout), {
    problems: [{ file: '30-local.policy', line: 1 }, { line: 2 }],
  })
})

test('policy lint looks at files that are not yet in place', async (t) => {
  const { root, run } = policyMachine(t)
  const path = join(root, 'new.policy')
  writeFileSync(path, '* * * * allow\n', { mode: 0o644 })
  t.same(await run('lint', path), { code: 0, stdout: '1 rule in 1 file, 0 faults\n', stderr: '' })
  const absent = join(root, 'absent.policy')
  t.same(await run('lint', absent), {
    code: 125,
    stdout: '',
    stderr: `negotiator-host: Cannot read "${absent}": it does not exist\n`,
  })
})

test('policy show prints the rules in their order', async (t) => {
  const { write, run } = policyMachine(t)
  write('30-local.policy', '# mine', 'hello +a%20b web1 @host allow timeout=30s rate=10/m')
  const { code, stdout } = await run('show')
  t.equal(code, 0)
  t.match(stdout.split('\n').slice(0, 3), [
    /^RULE +COMMAND +ARGUMENT +CALLER +TARGET +ACTION$/,
    /^30-local\.policy:2 +hello +\+a%20b +web1 +@host +allow timeout=30s rate=10\/m$/,
    /^90-default\.policy:\d+ +\* +\* +@anyguest +@host +allow$/,
  ])
  t.match(JSON.parse((await run('show', '--json')).stdout), [{ place: { line: 2 }, action: 'allow' }])
})

test('policy show and explain say when a daemon would not take this policy', async (t) => {
  const { write, run } = policyMachine(t)
  write('30-local.policy', 'nonsense')
  for (const args of [['show'], ['explain', 'web1', '@host', 'hello']]) {
    t.match(
      (await run(...args)).stderr,
      /^negotiator-host: the policy has 1 fault, so a daemon keeps its last good one/,
    )
  }
})

test('policy explain says which rule decides, and why those before it do not', async (t) => {
  const { write, run } = policyMachine(t)
  write(
    '30-local.policy',
    'resize * web1 @host allow',
    'hello +vda web1 @host deny',
    'hello * web2 @host deny',
  )
  const { code, stdout } = await run('explain', 'web1', '@host', 'hello', '--force')
  t.equal(code, 0)
  const lines = stdout.split('\n')
  t.match(lines[0], /^passed {3}30-local\.policy:1 .*: command "resize" is not the command "hello"$/)
  t.match(lines[1], /^passed {3}30-local\.policy:2 .*: argument "\+vda": /)
  t.match(lines[2], /^passed {3}30-local\.policy:3 .*: caller "web2" is not the guest "web1"$/)
  t.match(lines[3], /^allowed {2}90-default\.policy:\d+ /)
  t.equal(lines[4], 'this is the policy of the host; the other side asks its own')
  const denied = await run('explain', 'web1,uuid:6d1f2c3e-0a4b-4c5d-8e6f-7a8b9c0d1e2f', 'web2', 'hello')
  t.equal(denied.code, 1)
  t.match(
    denied.stdout,
    /^denied {3}90-default\.policy:\d+ .*\nthe caller reads: rule 90-default\.policy:\d+ denies it/m,
  )
  t.match(JSON.parse((await run('explain', '--json', 'web1', 'web2', 'hello')).stdout), {
    decision: { kind: 'deny' },
  })
})

test('policy explain knows users and their groups, or takes what it is told', async (t) => {
  const { write, run } = policyMachine(t)
  write(
    '30-local.policy',
    '* * user:alice @anyguest allow',
    '* * group:backup @anyguest allow',
    '* * @self @anyguest deny',
  )
  t.match(await run('explain', 'user:alice', 'web1', 'hello'), { code: 0 })
  t.match(await run('explain', 'user:nobody-knows', 'web1', 'hello'), { code: 1 })
  t.match(await run('explain', 'user:nobody-knows,group:backup', 'web1', 'hello'), { code: 0 })
  t.match(await run('explain', 'user:root', 'web1', 'hello'), { code: 1 })
})

test('policy explain says what an end is when it is none', async (t) => {
  const { run } = policyMachine(t)
  for (const [args, sentence] of [
    [['web*', '@host', 'hello'], /Cannot read the caller "web\*": wanted @host, @self, a guest/],
    [['web1', '@hots', 'hello'], /Cannot read "@hots": .*@host/],
    [['web1', '@anyguest', 'hello'], /Cannot read the target "@anyguest": wanted @host, @self, or a guest/],
    [['group:backup', 'web1', 'hello'], /Cannot read the caller "group:backup"/],
  ] as const) {
    const { code, stderr } = await run('explain', ...args)
    t.equal(code, 125)
    t.match(stderr, sentence)
  }
})

test('policy test compares decisions with what is expected', async (t) => {
  const { root, write, run } = policyMachine(t)
  write('30-local.policy', 'say +two%20words+ web1 @host allow', '* * web1 @host deny')
  const path = join(root, 'expected.txt')
  const expect = async (...lines: readonly string[]): Promise<ProgramRun> => {
    writeFileSync(path, lines.join('\n'))
    return await run('test', path)
  }
  const good = [
    '# mine',
    '',
    'allow web1 @host say two%20words %',
    'deny@30-local.policy:2  web1  @host  say',
    'deny web1 web2 say',
  ]
  t.same(await expect(...good), { code: 0, stdout: '3 expectations hold, 0 do not\n', stderr: '' })
  t.same(
    await expect('allow web1 @host say', 'deny@30-local.policy:1 web1 @host say', 'deny db1 @host say'),
    {
      code: 1,
      stdout:
        'line 1: allow web1 @host say: it is denied by 30-local.policy:2\n' +
        'line 2: deny@30-local.policy:1 web1 @host say: it is denied by 30-local.policy:2\n' +
        'line 3: deny db1 @host say: it is allowed by 90-default.policy:10\n' +
        '0 expectations hold, 3 do not\n',
      stderr: '',
    },
  )
  for (const [line, sentence] of [
    [
      'alow web1 @host say',
      '"alow" is no decision; wanted allow, deny, or one with its rule such as allow@30-local.policy:4',
    ],
    ['allow web1 @host', 'wanted DECISION CALLER TARGET COMMAND [ARGUMENT ...]'],
  ] as const) {
    t.same(await expect('deny web1 web2 say', line), {
      code: 125,
      stdout: '',
      stderr: `negotiator-host: Cannot read "${path}", line 2: ${sentence}\n`,
    })
  }
})

test('--folder takes files that are not yet in force', async (t) => {
  const { root, run } = policyMachine(t)
  const folder = join(root, 'draft')
  mkdirSync(folder, { mode: 0o755 })
  writeFileSync(join(folder, '30-local.policy'), '* * web1 @host deny\n', { mode: 0o644 })
  t.match(await run('explain', '--folder', folder, 'web1', '@host', 'hello'), { code: 1 })
  t.match(await run('explain', 'web1', '@host', 'hello'), { code: 0 })
})

test('in a guest its own policy is meant', async (t) => {
  const { run } = policyMachine(t, { side: 'guest' })
  t.match(await run('explain', '@host', '@self', 'hello'), {
    code: 0,
    stdout: /this is the policy of the guest/,
  })
  t.match(await run('explain', 'web2', '@self', 'hello'), { code: 1 })
})
