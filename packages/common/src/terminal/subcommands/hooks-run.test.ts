import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { HookMachine } from '../hooks/test-hook-machine.js'
import { testProgram } from '../test-program.js'

test('hooks run runs a phase and tells each result', async (t) => {
  const machine = HookMachine.in(t)
  machine.add({ name: 'starting/20-tell', script: 'echo "$1 $2"; sed "s/.*subject/subject/"' })
  machine.add({ name: 'starting/30-skips', script: 'exit 77' })
  const good = await machine.run(
    'run',
    'starting',
    '--guest',
    'web1,uuid:9f0f3b14-3d0c-4b9a-8ffb-7d8ee7a5f7a1',
    '--subject',
    '{"a": 1}',
  )
  t.match(good, { code: 0, stderr: '' })
  t.match(
    good.stdout,
    /^20-tell {2}done \([0-9]+ ms\)\n {4}guest starting\n {4}subject":\{"a":1,"guest":\{"name":"web1","uuid":"9f0f3b14-3d0c-4b9a-8ffb-7d8ee7a5f7a1"\}\}\}\n30-skips {2}skipped: it has nothing to do here \([0-9]+ ms\)\n2 hooks of starting \(guest\), run [0-9a-f-]{36}\n$/,
  )
  machine.add({ name: 'starting/40-guard', script: 'echo no >&2; exit 1', toml: 'veto = true\n' })
  const bad = await machine.run('run', 'starting')
  t.match(bad, {
    code: 3,
    stdout: /\n40-guard {2}failed: exit status 1 .*\n {4}no\n"40-guard" has said no to starting\n/,
  })
  const { code, stdout } = await machine.run('run', 'starting', '--json')
  t.equal(code, 3)
  t.match(JSON.parse(stdout), {
    phase: 'starting',
    isVetoed: true,
    vetoedBy: '40-guard',
    results: [{}, {}, { output: 'no\n' }],
  })
})

test('hooks run --dry-run runs nothing', async (t) => {
  const machine = HookMachine.in(t)
  const mark = join(machine.root, 'was-run')
  machine.add({ name: 'clean/20-removes', script: `touch ${mark}` })
  machine.add({ name: 'clean/30-off', toml: 'enabled = false\n' })
  t.same(await machine.run('run', 'clean', '--dry-run'), {
    code: 0,
    stdout:
      '1  20-removes  would run\n2  30-off  would be skipped: its settings switch it off\n2 hooks, nothing was run\n',
    stderr: '',
  })
  t.match(JSON.parse((await machine.run('run', 'clean', '--dry-run', '--json')).stdout), [
    { hook: '20-removes', will: 'run' },
    {},
  ])
  t.throws(() => writeFileSync(mark, '', { flag: 'r+' }), { code: 'ENOENT' })
})

test('hooks run tells each result when it is there', async (t) => {
  const machine = HookMachine.in(t)
  const stdout: string[] = []
  machine.add({ name: 'extra/20-first', script: 'echo one' })
  machine.add({ name: 'extra/30-second', script: `until [ -e ${machine.root}/told ]; do sleep 0.01; done` })
  const running = testProgram(
    {
      root: machine.root,
      onPrinted: (text) => {
        stdout.push(text)
        if (text === '    one\n') writeFileSync(join(machine.root, 'told'), '')
      },
    },
    'hooks',
    'run',
    'extra',
  )
  t.match(await running, { code: 0, stdout: /^20-first {2}done.*\n {4}one\n30-second {2}done/ })
})

test('hooks run breaks off when it is told to leave', async (t) => {
  const machine = HookMachine.in(t)
  machine.add({ name: 'extra/20-first' })
  machine.add({ name: 'extra/30-next' })
  const onPrinted = (text: string): void => {
    if (text.startsWith('20-first')) process.emit('SIGTERM')
  }
  const { code, stdout } = await testProgram({ root: machine.root, onPrinted }, 'hooks', 'run', 'extra')
  t.equal(code, 1)
  t.match(stdout, /\n30-next {2}not-run: the phase was broken off/)
})

test('hooks run exits 1 when a hook was not done and nobody has said no', async (t) => {
  const machine = HookMachine.in(t)
  machine.add({ name: 'starting/20-fails', script: 'exit 1' })
  t.match(await machine.run('run', 'starting'), { code: 1, stdout: /\n1 hook of starting \(guest\), run / })
})

test('hooks run says what it cannot take', async (t) => {
  const machine = HookMachine.in(t)
  const cases: readonly (readonly [args: readonly string[], sentence: string])[] = [
    [['startin'], 'Cannot run the hooks of "startin": there is no such phase; did you mean "starting"?'],
    [['starting', '--guest', ''], 'Cannot use "": wanted a guest\'s name, or "NAME,uuid:UUID"'],
    [
      ['starting', '--guest', 'web1,uuid:1'],
      'Cannot use "web1,uuid:1": wanted a guest\'s name, or "NAME,uuid:UUID"',
    ],
    [
      ['starting', '--subject', '[]'],
      'Cannot use "[]": wanted a JSON object such as {"reason": "test"}; the guest is named by --guest',
    ],
    [
      ['starting', '--subject', '{'],
      'Cannot use "{": wanted a JSON object such as {"reason": "test"}; the guest is named by --guest',
    ],
  ]
  for (const [args, sentence] of cases)
    t.same(await machine.run('run', ...args), {
      code: 125,
      stdout: '',
      stderr: `negotiator-host: ${sentence}\n`,
    })
})

test('hooks run in a guest has the phases of a guest', async (t) => {
  const machine = HookMachine.in(t)
  machine.add({ name: 'before-freeze/20-sync', script: 'echo synced' })
  t.match(await machine.runInGuest('run', 'before-freeze'), { code: 0, stdout: /^20-sync {2}done/ })
  t.match(await machine.runInGuest('run', 'starting'), {
    code: 125,
    stderr: /the guest has no such phase; the phases are /,
  })
})
