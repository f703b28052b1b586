import { test } from 'tap'
import { HookMachine } from '../hooks/test-hook-machine.js'

test('hooks list shows them in order, and exits 1 when one may not be run', async (t) => {
  const machine = HookMachine.in(t)
  t.same(await machine.run('list'), { code: 0, stdout: 'no hooks\n', stderr: '' })
  machine.add({ name: 'starting/20-guard', toml: 'veto = true\ntimeout = "5s"\n' })
  machine.add({ name: 'starting/30-notify' })
  t.same(await machine.run('list'), {
    code: 0,
    stdout: `PHASE     STEP  HOOK       TIMEOUT  VETO  WILL
starting  1     20-guard   5 s      yes   run
starting  2     30-notify  60 s     no    run
`,
    stderr: '',
  })
  machine.add({ name: 'starting/95-mine' })
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
  const machine = HookMachine.in(t)
  machine.add({ name: 'stoping/20-never' })
  machine.add({ name: 'before_migration/20-ovirt' })
  t.same(await machine.run('list'), {
    code: 1,
    stdout: 'no hooks\n',
    stderr: `negotiator-host: Cannot use "${machine.hooks}/stoping": there is no such phase; did you mean "stopping"?\n`,
  })
})
