import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { testFolder, writeCommand } from '../../test-folder.js'
import { testProgram } from '../test-program.js'
import type { ProgramRun } from '../test-program.js'

/** A machine with its hooks, and the program on it. */
class Machine {
  readonly root: string

  constructor(t: Test) {
    this.root = testFolder(t)
  }

  get hooks(): string {
    return join(this.root, 'etc/negotiator/hooks.d')
  }

  add(phase: string, name: string, script = 'exit 0'): void {
    const folder = join(this.hooks, phase)
    mkdirSync(folder, { recursive: true, mode: 0o755 })
    writeCommand({ folder, name, script })
  }

  async run(...args: readonly string[]): Promise<ProgramRun> {
    return await testProgram({ root: this.root }, 'hooks', ...args)
  }

  async runInGuest(...args: readonly string[]): Promise<ProgramRun> {
    return await testProgram({ root: this.root, side: 'guest' }, 'hooks', ...args)
  }
}

test('hooks list shows them in order, and exits 1 when one may not be run', async (t) => {
  const machine = new Machine(t)
  t.same(await machine.run('list'), { code: 0, stdout: 'no hooks\n', stderr: '' })
  machine.add('starting', '20-guard')
  machine.add('starting', '30-notify')
  writeFileSync(join(machine.hooks, 'starting/20-guard.toml'), 'veto = true\ntimeout = "5s"\n')
  t.same(await machine.run('list'), {
    code: 0,
    stdout: `PHASE     STEP  HOOK       TIMEOUT  VETO  WILL
starting  1     20-guard   5 s      yes   run
starting  2     30-notify  60 s     no    run
`,
    stderr: '',
  })
  machine.add('starting', '95-mine')
  const { code, stdout } = await machine.run('list', 'starting', '--json')
  t.equal(code, 1)
  t.match(JSON.parse(stdout), [
    {
      phase: 'starting',
      hooks: [{ hook: '20-guard' }, {}, { will: 'be refused', reason: /kept for hooks that are shipped/ }],
    },
  ])
})

test('hooks list tells of folders that are no phase', async (t) => {
  const machine = new Machine(t)
  machine.add('stoping', '20-never')
  machine.add('before_migration', '20-ovirt')
  t.same(await machine.run('list'), {
    code: 1,
    stdout: 'no hooks\n',
    stderr: `negotiator-host: Cannot use "${machine.hooks}/stoping": there is no such phase; did you mean "stopping"?\n`,
  })
})

test('hooks run runs a phase and tells each result', async (t) => {
  const machine = new Machine(t)
  machine.add('starting', '20-tell', 'echo "$1 $2"; sed "s/.*subject/subject/"')
  machine.add('starting', '30-skips', 'exit 77')
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
  machine.add('starting', '40-guard', 'echo no >&2; exit 1')
  writeFileSync(join(machine.hooks, 'starting/40-guard.toml'), 'veto = true\n')
  const bad = await machine.run('run', 'starting')
  t.match(bad, {
    code: 1,
    stdout: /\n40-guard {2}failed: exit status 1 .*\n {4}no\n"40-guard" has said no to starting\n/,
  })
  const { code, stdout } = await machine.run('run', 'starting', '--json')
  t.equal(code, 1)
  t.match(JSON.parse(stdout), {
    phase: 'starting',
    isVetoed: true,
    vetoedBy: '40-guard',
    results: [{}, {}, { output: 'no\n' }],
  })
})

test('hooks run --dry-run runs nothing', async (t) => {
  const machine = new Machine(t)
  const mark = join(machine.root, 'was-run')
  machine.add('clean', '20-removes', `touch ${mark}`)
  machine.add('clean', '30-off')
  writeFileSync(join(machine.hooks, 'clean/30-off.toml'), 'enabled = false\n')
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

test('hooks run says what it cannot take', async (t) => {
  const machine = new Machine(t)
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
  const machine = new Machine(t)
  machine.add('before-freeze', '20-sync', 'echo synced')
  t.match(await machine.runInGuest('run', 'before-freeze'), { code: 0, stdout: /^20-sync {2}done/ })
  t.match(await machine.runInGuest('run', 'starting'), {
    code: 125,
    stderr: /the guest has no such phase; the phases are /,
  })
})
