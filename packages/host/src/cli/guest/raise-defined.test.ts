import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { settle, writeCommand } from '@negotiator/common/testing'
import { test } from 'tap'
import type { Test } from 'tap'
import { testUuid } from '../../managed/test-definition.js'
import { GuestProgram, web1Toml } from './test-guest-program.js'

/** A machine with a hook that is run when a guest is defined. */
function programWithHook(t: Test, script: string): GuestProgram {
  const program = new GuestProgram(t)
  const folder = join(program.root, 'etc/negotiator/hooks.d/defined')
  mkdirSync(folder, { recursive: true })
  writeCommand({ folder, name: '20-register', script })
  return program
}

test('guest define runs the hooks of a guest that is new, as a user of the program does', async (t) => {
  const program = programWithHook(t, `echo "$1 $2 $(cat)" >> "$(dirname "$0")/seen.bak"`)
  const seen = join(program.root, 'etc/negotiator/hooks.d/defined/seen.bak')
  await program.runWithInput(web1Toml, 'define', '-', '--dry-run')
  t.notOk(existsSync(seen))
  t.same(await program.runWithInput(web1Toml, 'define', '-'), {
    code: 0,
    stdout: `Defined "web1", ${testUuid}, as its revision 1.\n`,
    stderr: '',
  })
  // It is no longer new then.
  await program.runWithInput(web1Toml, 'define', '-')
  await program.run('rename', 'web1', 'web2')
  const [line = '', ...rest] = readFileSync(seen, 'utf8').split('\n')
  t.same(rest, [''])
  t.match(line, /^guest defined \{/)
  t.match(JSON.parse(line.slice('guest defined '.length)), {
    ...{ phase: 'defined', side: 'host' },
    subject: { guest: { name: 'web1', uuid: testUuid } },
  })
})

test('guest define tells of a hook that failed, and keeps the definition', async (t) => {
  const program = programWithHook(t, 'printf "no \\\\033[2J address left"; exit 3')
  t.same(await program.runWithInput(web1Toml, 'define', '-'), {
    code: 1,
    stdout: `Defined "web1", ${testUuid}, as its revision 1.\n`,
    stderr:
      'negotiator-host: The hook "20-register" of "defined" was not done: failed, exit status 3, saying "no \\x1b[2J address left"; "web1" stays defined\n',
  })
  t.match(await program.run('show', 'web1'), { code: 0 })
})

test('guest define tells of hooks that may not be run, or cannot be found', async (t) => {
  const program = programWithHook(t, ':')
  const folder = join(program.root, 'etc/negotiator/hooks.d/defined')
  chmodSync(join(folder, '20-register'), 0o777)
  t.match(await program.runWithInput(web1Toml, 'define', '-'), {
    code: 1,
    stderr:
      /of "defined" was not done: refused, its file may be written by others than its owner; chmod go-w it; "web1" stays defined\n$/,
  })
  const other = new GuestProgram(t)
  mkdirSync(join(other.root, 'etc/negotiator/hooks.d'), { recursive: true })
  writeFileSync(join(other.root, 'etc/negotiator/hooks.d/defined'), '')
  t.match(await other.runWithInput(web1Toml, 'define', '-'), {
    code: 1,
    stderr: /Cannot read the hooks in ".*": ENOTDIR; mend the folder, or remove it; "web1" stays defined\n$/,
  })
})

test('guest define ends a hook when Ctrl-C is pressed', async (t) => {
  const program = programWithHook(t, 'echo $$ > "$(dirname "$0")/pid.bak"; exec sleep 1000')
  const mark = join(program.root, 'etc/negotiator/hooks.d/defined/pid.bak')
  const defining = program.runWithInput(web1Toml, 'define', '-')
  while (!existsSync(mark) || readFileSync(mark, 'utf8') === '') await settle()
  program.interrupt()
  t.match(await defining, {
    code: 1,
    stderr: /"20-register" of "defined" was not done: .*; "web1" stays defined\n$/,
  })
  t.throws(() => process.kill(Number(readFileSync(mark, 'utf8')), 0), { code: 'ESRCH' })
})
