// The shipped command lifecycle, and what hands a system's own events to the hooks: scripts that run the guest's program, with one of a test.

import { execa } from 'execa'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'

const root = join(import.meta.dirname, '../..')
const scripts = {
  lifecycle: join(root, 'commands/guest/lifecycle'),
  sleep: join(root, 'packaging/systemd/system-sleep/negotiator'),
  freeze: join(root, 'packaging/qemu-ga/fsfreeze-hook.d/negotiator'),
}

interface Ran {
  readonly exitCode?: number | undefined
  readonly stdout: string
  readonly stderr: string
}

interface Scene {
  readonly run: (script: keyof typeof scripts, ...args: readonly string[]) => Promise<Ran>
}

/** A system whose negotiator-guest prints its arguments and ends with a status; it has none without one. */
function scene(t: Test, status?: number): Scene {
  const folder = mkdtempSync(join(tmpdir(), 'negotiator-lifecycle-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  if (status !== undefined) {
    const program = join(folder, 'negotiator-guest')
    writeFileSync(program, `#!/bin/sh\nprintf '<%s>' "$@"; cat; echo heard >&2; exit ${status}\n`)
    chmodSync(program, 0o755)
  }
  return {
    run: async (script, ...args) =>
      await execa(scripts[script], args, {
        ...{ cwd: '/', extendEnv: false, reject: false, timeout: 20_000, input: 'never read' },
        env: { PATH: `${folder}:/usr/bin:/bin` },
      }),
  }
}

const phases = ['migration', 'hibernation', 'freeze'].flatMap((what) => [`before-${what}`, `after-${what}`])

test("lifecycle runs the guest's hooks of a phase, and ends as that ends", async (t) => {
  for (const phase of phases)
    t.match(await scene(t, 0).run('lifecycle', phase), {
      exitCode: 0,
      stdout: `<hooks><run><${phase}>`,
      stderr: 'heard',
    })
  for (const more of [['--json'], ['--subject', '{"a": 1}'], ['--json', '--subject', '{}']])
    t.match(await scene(t, 0).run('lifecycle', 'after-migration', ...more), {
      stdout: `<hooks><run><after-migration>${more.map((each) => `<${each}>`).join('')}`,
    })
  for (const status of [1, 3, 125])
    t.match(await scene(t, status).run('lifecycle', 'before-freeze', '--json'), {
      exitCode: status,
      stdout: '<hooks><run><before-freeze><--json>',
    })
})

test('lifecycle says what it cannot take', async (t) => {
  const phase =
    'wanted before- or after-, and migration, hibernation or freeze, such as before-migration, first'
  const rest =
    'wanted nothing, "--json", "--subject" with a JSON object, or both in this order, behind the phase'
  const cases: readonly (readonly [args: readonly string[], sentence: string])[] = [
    [[], phase],
    [['starting'], phase],
    [['before_migration'], phase],
    [['../install'], phase],
    [['--json'], phase],
    [['before-migration', '--root=/tmp'], rest],
    [['before-migration', '--json', '--root=/tmp'], rest],
    [['before-migration', '--subject'], rest],
    [['before-migration', '--json', '--root', '/tmp'], rest],
    [['before-migration', '--subject', '{}', '--json'], rest],
    [['before-migration', '--json', '--subject', '{}', 'x'], rest],
  ]
  for (const [args, sentence] of cases)
    t.match(await scene(t, 0).run('lifecycle', ...args), {
      exitCode: 64,
      stdout: '',
      stderr: `Cannot run lifecycle: ${sentence}`,
    })
  t.match(await scene(t).run('lifecycle', 'before-migration'), {
    exitCode: 69,
    stdout: '',
    stderr: /^Cannot run lifecycle: there is no negotiator-guest in .*; put a link to it there$/,
  })
})

test('what systemd runs before and after it sleeps hands on which, and keeps nothing from sleeping', async (t) => {
  for (const kind of ['suspend', 'hibernate', 'hybrid-sleep', 'suspend-then-hibernate']) {
    const subject = `<--subject><{"sleep": "${kind}"}>`
    t.match(await scene(t, 0).run('sleep', 'pre', kind), {
      exitCode: 0,
      stdout: `<hooks><run><before-hibernation>${subject}`,
    })
    t.match(await scene(t, 0).run('sleep', 'post', kind), {
      exitCode: 0,
      stdout: `<hooks><run><after-hibernation>${subject}`,
    })
  }
  t.match(await scene(t, 3).run('sleep', 'pre', 'hibernate'), { exitCode: 3, stderr: 'heard' })
  for (const args of [[], ['pre'], ['during', 'suspend'], ['pre', 'a"b'], ['pre', 'suspend', 'x']])
    t.match(await scene(t, 0).run('sleep', ...args), {
      exitCode: 64,
      stdout: '',
      stderr: /wanted pre or post, and/,
    })
})

test("what qemu-ga runs before and after it freezes takes a hook's no for one, and nothing else", async (t) => {
  t.match(await scene(t, 0).run('freeze', 'freeze'), { exitCode: 0, stdout: '<hooks><run><before-freeze>' })
  t.match(await scene(t, 0).run('freeze', 'thaw'), { exitCode: 0, stdout: '<hooks><run><after-freeze>' })
  t.match(await scene(t, 1).run('freeze', 'freeze'), { exitCode: 0, stderr: 'heard' })
  for (const status of [3, 125]) t.match(await scene(t, status).run('freeze', 'freeze'), { exitCode: status })
  t.match(await scene(t).run('freeze', 'freeze'), { exitCode: 127, stderr: /negotiator-guest/ })
  for (const args of [[], ['melt'], ['freeze', 'x']])
    t.match(await scene(t, 0).run('freeze', ...args), {
      exitCode: 64,
      stdout: '',
      stderr: /wanted freeze or thaw/,
    })
})
