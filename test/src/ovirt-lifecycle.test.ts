// The shipped command ovirt-lifecycle with hooks of a test, run as a daemon runs it.

import { execa } from 'execa'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'
import type { Test } from 'tap'

const command = fileURLToPath(new URL('../../commands/guest/ovirt-lifecycle', import.meta.url))

interface Hooks {
  readonly write: (place: string, script: string, mode?: number) => void
  readonly run: (...args: string[]) => Promise<{ exitCode?: number; stdout: string; stderr: string }>
}

/** Two folders of hooks, as an administrator's and an older agent's. */
function hooks(t: Test): Hooks {
  const home = mkdtempSync(join(tmpdir(), 'negotiator-hooks-'))
  t.teardown(() => rmSync(home, { recursive: true }))
  return {
    write: (place, script, mode = 0o755) => {
      mkdirSync(join(home, place, '..'), { recursive: true })
      writeFileSync(join(home, place), `#!/bin/sh\n${script}\n`)
      chmodSync(join(home, place), mode)
    },
    run: async (...args) =>
      await execa(command, args, {
        ...{ cwd: '/', extendEnv: false, reject: false, timeout: 20_000 },
        env: { PATH: '/usr/bin:/bin', HOOK_FOLDERS: `${join(home, 'ours')}:${join(home, 'theirs')}` },
      }),
  }
}

test('hooks run in the order of their names, and each result is told', async (t) => {
  const { write, run } = hooks(t)
  write('ours/before_migration/20-b', 'echo "b $*"')
  write('ours/before_migration/10-a', 'echo "a $*"; cat')
  write('theirs/before_migration/05 with blank', 'echo "old $*"')
  write('ours/before_migration/30-no', 'echo no', 0o644)
  write('ours/before_migration/10-a~', 'echo no')
  write('ours/after_migration/10-other', 'echo no')
  const { exitCode, stdout, stderr } = await run('before_migration')
  t.equal(exitCode, 0)
  t.equal(stdout, '10-a: done\n20-b: done\n05 with blank: done')
  t.equal(stderr, 'a before_migration\nb before_migration\nold before_migration')
})

test('a hook that fails is named; the others run', async (t) => {
  const { write, run } = hooks(t)
  write('ours/after_migration/10-bad', 'exit 3')
  write('ours/after_migration/20-good', '[ "$2" = failure ]')
  const { exitCode, stdout, stderr } = await run('after_migration', 'failure')
  t.equal(exitCode, 1)
  t.equal(stdout, '10-bad: exit status 3\n20-good: done')
  t.equal(stderr, 'these hooks failed: 10-bad')
})

test('without hooks there is nothing to do, and what is no event is refused', async (t) => {
  const { run } = hooks(t)
  t.match(await run('before_hibernation'), { exitCode: 0, stdout: '', stderr: '' })
  for (const args of [
    [],
    ['../../bin'],
    ['before_migration', 'perhaps'],
    ['before_migration', 'failure', 'x'],
  ])
    t.match(await run(...args), { exitCode: 64, stdout: '', stderr: /^Cannot run ovirt-lifecycle: wanted / })
})
