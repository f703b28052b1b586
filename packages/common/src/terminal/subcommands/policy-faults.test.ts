import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { policyMachine } from './test-policy-machine.js'

test('a policy with a fault never passes for one that allows', async (t) => {
  const { root, write, run } = policyMachine(t)
  const expected = join(root, 'expected.txt')
  writeFileSync(expected, 'allow web1 @host hello\n')
  t.match(await run('explain', 'web1', '@host', 'hello'), { code: 0 })
  t.match(await run('test', expected), { code: 0 })
  // The rule that would deny is the one that cannot be read.
  write('30-local.policy', '* * web1 @host dney')
  const warning = /^negotiator-host: the policy has 1 fault, so a daemon keeps its last good one/
  t.match(await run('explain', 'web1', '@host', 'hello'), { code: 1, stderr: warning })
  t.match(await run('test', expected), {
    code: 1,
    stdout: '1 expectations hold, 0 do not\n',
    stderr: warning,
  })
  t.match(JSON.parse((await run('explain', '--json', 'web1', '@host', 'hello')).stdout), {
    problems: [{ file: '30-local.policy', line: 1, column: 16 }],
  })
})

test('a folder or a file that is not there never passes for a good policy', async (t) => {
  const { root, write, run } = policyMachine(t)
  const file = write('30-local.policy', '* * * * allow')
  const absent = join(root, 'absent')
  for (const [args, sentence] of [
    [['lint', '--folder', absent], `Cannot read "${absent}": it does not exist`],
    [['show', '--folder', file], `Cannot read "${file}": it is not a folder`],
    [['lint', root], `Cannot read "${root}": it is a folder; take --folder for that`],
    [['lint', '--folder', root, file], 'Cannot take files and --folder at once: name the one or the other'],
    [['test', absent], `Cannot read "${absent}": it does not exist`],
    [['test', root], `Cannot read "${root}": it is a folder`],
  ] as const) {
    t.same(await run(...args), { code: 125, stdout: '', stderr: `negotiator-host: ${sentence}\n` })
  }
})

test('policy lint asks files in the order in which they are named', async (t) => {
  const { root, run } = policyMachine(t)
  const [one, other] = [join(root, 'one.policy'), join(root, 'other.policy')]
  for (const path of [one, other]) writeFileSync(path, 'nonsense\n', { mode: 0o644 })
  const { stdout } = await run('lint', other, one)
  t.match(stdout, /^other\.policy:1:.*\none\.policy:1:.*\n0 rules in 2 files, 2 faults\n$/)
})

test('policy lint tells of a file that others may write', async (t) => {
  const { write, run } = policyMachine(t)
  const path = write('30-local.policy', '* * web1 @host deny')
  chmodSync(path, 0o666)
  for (const args of [['lint'], ['lint', path]]) {
    const { code, stdout } = await run(...args)
    t.equal(code, 1)
    t.match(stdout, `the file may be written by others than its owner; type: chmod go-w ${path}\n`)
  }
})

test('policy says that the shipped policy is left out', async (t) => {
  const { run } = policyMachine(t, { hasShipped: false })
  t.same(await run('explain', 'web1', '@host', 'hello'), {
    code: 1,
    stdout:
      'denied   no rule matches\n' +
      'the caller reads: no rule of the policy allows it; an administrator can add one, ' +
      'e.g. "hello * web1 @host allow" in policy.d/30-local.policy\n' +
      'this is the policy of the host; the other side asks its own\n',
    stderr: 'negotiator-host: the shipped policy cannot be read here, and is left out\n',
  })
})

test('policy explain says what is missing', async (t) => {
  const { run } = policyMachine(t)
  t.match(await run('explain', '', '@host', 'hello'), { code: 125, stderr: /Cannot read the caller ""/ })
  t.match(await run('explain', 'web1', '', 'hello'), { code: 125, stderr: /Cannot read the target ""/ })
  t.match(await run('explain', 'web1', '@host'), { code: 125, stderr: /missing required argument 'command'/ })
  t.match(await run('explain', 'web%zz', '@host', 'hello'), {
    code: 125,
    stderr: /"%" is not followed by two hex digits; write %25 for the character itself\n$/,
  })
})

test('policy test says what is wrong with an escape, and how it is written', async (t) => {
  const { root, run } = policyMachine(t)
  const path = join(root, 'expected.txt')
  writeFileSync(path, '\nallow web1 @host say 100%\n')
  t.same(await run('test', path), {
    code: 125,
    stdout: '',
    stderr: `negotiator-host: Cannot read "${path}", line 2: "%" is not followed by two hex digits; write %25 for the character itself\n`,
  })
})

test('policy test --json tells what was decided, and why', async (t) => {
  const { root, run } = policyMachine(t)
  const path = join(root, 'expected.txt')
  writeFileSync(path, 'allow web1 @host hello\nallow web1 web2 hello\n')
  const { code, stdout } = await run('test', '--json', path)
  t.equal(code, 1)
  t.match(JSON.parse(stdout), {
    held: 1,
    surprises: [
      {
        expectation: { line: 2, text: 'allow web1 web2 hello', kind: 'allow' },
        decision: { kind: 'deny', rule: { place: { file: '90-default.policy' } } },
      },
    ],
    problems: [],
  })
})

test('nothing that stands in a file drives the terminal', async (t) => {
  const { root, folder, write, run } = policyMachine(t)
  const red = '\u001b[31m'
  const turned = '\u202e'
  const path = join(root, 'expected.txt')
  const runs = [async () => await run('explain', `${red}:`, '@host', 'hello')]
  for (const line of [
    `${red}allow web1 @host say`,
    `deny web1 @host say ${red}${turned}`,
    `allow @${red} @host say`,
    `allow user:${red},web1 @host say`,
    `allow web1 @anyguest,${turned} say`,
  ]) {
    runs.push(async () => {
      writeFileSync(path, line)
      return await run('test', path)
    })
  }
  runs.push(async () => {
    writeFileSync(join(folder, `x${red}.policy`), '', { mode: 0o644 })
    write('30-local.policy', `he${red}llo * web1 @host allow`, `hello * web1 @host allow user=${turned}`)
    return await run('lint')
  })
  for (const one of runs) {
    const { stdout, stderr } = await one()
    t.notMatch(stdout + stderr, /[^\P{Cc}\n]|\u202e/u)
    t.match(stdout + stderr, /\\x1b|\\u202e/)
  }
})

test('policy show writes options as a file would have them', async (t) => {
  const { write, run } = policyMachine(t)
  const options = 'user=a%20b group=%23x timeout=90s max-output=10MiB rate=4/h audit=full target=%40host'
  write('30-local.policy', `hello +a web1 @host allow ${options}`)
  t.match((await run('show')).stdout, ` allow ${options}\n`)
  t.match((await run('explain', 'web1', '@host', 'hello', 'a')).stdout, ` allow ${options}\n`)
})

test('--folder is asked for by every one of the group', async (t) => {
  const { root, write, run } = policyMachine(t)
  write('30-local.policy', 'nonsense')
  const draft = join(root, 'draft')
  mkdirSync(draft, { mode: 0o755 })
  writeFileSync(join(draft, '30-local.policy'), '* * web1 @host deny\n', { mode: 0o644 })
  const expected = join(root, 'expected.txt')
  writeFileSync(expected, 'deny@30-local.policy:1 web1 @host hello\n')
  t.match(await run('lint', '--folder', draft), { code: 0, stdout: '4 rules in 2 files, 0 faults\n' })
  t.match(await run('show', '--folder', draft), {
    code: 0,
    stdout: /^30-local\.policy:1 .*deny$/m,
    stderr: '',
  })
  t.match(await run('test', '--folder', draft, expected), { code: 0, stderr: '' })
})
