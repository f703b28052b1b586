import { watch } from 'node:fs'
import { dirname, join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { test } from 'tap'
import type { Test } from 'tap'
import type { Client } from '../../control/client.js'
import { guestHooksTimeoutMs } from '../../hooks/limits.js'
import { testFolder, writeCommand } from '../../test-folder.js'
import type { Result } from '../../wire/result.js'
import { testDaemons } from '../test-daemons.js'
import { testProgram } from '../test-program.js'
import type { ProgramRun } from '../test-program.js'
import { askGuest, questionFor } from './ask-guest.js'
import { HookMachine } from './test-hook-machine.js'

interface Scene {
  readonly machine: HookMachine
  /** `hooks run PHASE --guest web1 --in-guest`, and what is added. */
  readonly ask: (phase: string, ...more: readonly string[]) => Promise<ProgramRun>
}

/** A host whose guest `web1` answers `lifecycle` by a script; it has no such command without one. */
async function scene(t: Test, script?: string): Promise<Scene> {
  const { guest, root } = await testDaemons(t)
  if (script !== undefined) writeCommand({ folder: guest.folder, name: 'lifecycle', script })
  const machine = new HookMachine(root)
  machine.add({ name: 'before-migration/20-host' })
  machine.add({ name: 'after-migration/20-host' })
  const ask: Scene['ask'] = async (phase, ...more) =>
    await machine.run('run', phase, '--guest', 'web1', '--in-guest', ...more)
  return { machine, ask }
}

test('hooks run --in-guest has the guest run its hooks first, and shows what it printed', async (t) => {
  const { ask } = await scene(t, 'echo "asked for $*"; printf "\\033[2J" >&2')
  const { code, stdout, stderr } = await ask('before-migration')
  t.equal(stderr, '')
  t.equal(code, 0)
  t.match(
    stdout,
    /^in web1 {2}done \([0-9]+ ms\)\n {4}asked for before-migration\n {4}\\x1b\[2J\n20-host {2}done \([0-9]+ ms\)\n2 hooks of before-migration/,
  )
})

test('hooks run --in-guest tells the guest what its own hooks are told', async (t) => {
  const { ask } = await scene(t, 'for each; do echo "<$each>"; done')
  t.match(await ask('after-migration', '--subject', '{"failed": true}'), {
    code: 0,
    stdout: /\n {4}<after-migration>\n {4}<--subject>\n {4}<\{"failed":true\}>\n20-host/,
  })
})

test('hooks run --in-guest goes by the uuid where it is given', async (t) => {
  const { machine } = await scene(t, 'exit 0')
  const uuid = '9f0f3b14-3d0c-4b9a-8ffb-7d8ee7a5f7a1'
  t.match(await machine.run('run', 'before-migration', '--guest', `web1,uuid:${uuid}`, '--in-guest'), {
    code: 3,
    stdout: new RegExp(`^in web1  not-run: it could not be asked, unreachable: .*${uuid}`),
  })
})

test("hooks run --in-guest takes the guest's no for one, and runs nothing more", async (t) => {
  const { ask } = await scene(t, 'echo "the backup is not over"; exit 3')
  t.match(await ask('before-migration'), {
    code: 3,
    stderr: '',
    stdout:
      /^in web1 {2}failed: one of its hooks has said no .*\n {4}the backup is not over\n20-host {2}not-run: "in web1" has said no .*\n"in web1" has said no to before-migration\n/,
  })
  const { code, stdout } = await ask('before-migration', '--json')
  t.equal(code, 3)
  t.match(JSON.parse(stdout), {
    isVetoed: true,
    vetoedBy: 'in web1',
    results: [
      { hook: 'in web1', outcome: 'failed', output: 'the backup is not over\n', isVeto: true },
      { hook: '20-host', outcome: 'not-run', isVeto: false },
    ],
  })
  t.match(await ask('after-migration'), { code: 1, stdout: /\n20-host {2}done/ })
})

test('hooks run --in-guest goes on after a hook of the guest that only failed', async (t) => {
  const { ask } = await scene(t, 'exit 1')
  t.match(await ask('before-migration'), {
    code: 1,
    stdout: /^in web1 {2}failed: one of its hooks was not done .*\n20-host {2}done/,
  })
})

test('hooks run --in-guest takes it for a no, where one counts, that the guest cannot be asked', async (t) => {
  const cases: readonly (readonly [why: string, script?: string, guest?: string])[] = [
    ['for it has no command "lifecycle"; bring its negotiator-guest up to date'],
    ['for its command ended with exit status 125', 'exit 125'],
    ['for its command was ended by SIGKILL', 'kill -KILL $$'],
    ['unreachable: [^(]*"web9"[^(]*', 'exit 0', 'web9'],
  ]
  for (const [why, script, guest = 'web1'] of cases) {
    const { machine } = await scene(t, script)
    const ask = async (phase: string): Promise<ProgramRun> =>
      await machine.run('run', phase, '--guest', guest, '--in-guest')
    const told = `in ${guest}  not-run: it could not be asked, ${why} \\([0-9]+ ms\\)\n`
    t.match(await ask('before-migration'), {
      code: 3,
      stdout: new RegExp(`^${told}20-host  not-run: "in ${guest}" has said no`),
    })
    t.match(await ask('after-migration'), { code: 1, stdout: new RegExp(`^${told}20-host  done`) })
  }
})

test('hooks run --in-guest cancels the question when it is told to leave', async (t) => {
  const began = join(testFolder(t), 'began')
  const { ask } = await scene(t, `touch ${began}; exec sleep 1000`)
  const changes = watch(dirname(began)).once('change', () => process.emit('SIGTERM'))
  t.teardown(() => changes.close())
  t.match(await ask('before-migration'), {
    code: 3,
    stdout: /^in web1 {2}not-run: it could not be asked, cancelled: .*\n20-host {2}not-run: /,
  })
})

test('askGuest() gives the guest so long, and then it is not asked', async (t) => {
  const asked: unknown[] = []
  const call: Client['call'] = (target, options) => {
    asked.push(target, options?.timeoutMs)
    const result: Result = { kind: 'timed-out', reason: 'its time was over' }
    return {
      ...{
        stdin: new PassThrough(),
        stdout: Readable.from([]),
        stderr: Readable.from([]),
        result: Promise.resolve(result),
      },
      ...{ signal: () => undefined, cancel: () => undefined },
    }
  }
  const question = questionFor('before-hibernation', { guest: { name: 'web1' } })
  const { signal } = new AbortController()
  t.match(await askGuest({ call }, { ...question, signal }), {
    hook: 'in web1',
    outcome: 'not-run',
    reason: 'it could not be asked, timed-out: its time was over',
    isVeto: true,
  })
  t.same(asked, [{ target: 'web1', command: 'lifecycle', args: ['before-hibernation'] }, guestHooksTimeoutMs])
})

test('hooks run --in-guest says what it cannot take', async (t) => {
  const machine = HookMachine.in(t)
  const cases: readonly (readonly [args: readonly string[], sentence: string])[] = [
    [
      ['starting', '--guest', 'web1'],
      'Cannot ask a guest about "starting": it has hooks of its own for before-migration, after-migration, before-hibernation, after-hibernation; leave --in-guest out',
    ],
    [['before-migration'], 'Cannot ask a guest: --in-guest does not say which; name it by --guest'],
    [
      ['before-migration', '--guest', 'web1'],
      `Cannot reach the daemon on "${machine.root}/run/negotiator/host.sock": it does not exist; is it running?`,
    ],
  ]
  for (const [args, sentence] of cases)
    t.match(await machine.run('run', ...args, '--in-guest'), {
      code: 125,
      stdout: '',
      stderr: `negotiator-host: ${sentence}\n`,
    })
  t.match(await machine.run('run', 'before-migration', '--in-guest', '--dry-run'), {
    code: 125,
    stderr: /'--in-guest' cannot be used with option '--dry-run'/,
  })
  t.match(await testProgram({ side: 'guest' }, 'hooks', 'run', 'before-migration', '--in-guest'), {
    code: 125,
    stderr: /unknown option '--in-guest'/,
  })
})
