import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { hooksPerPhaseMax } from './limits.js'
import { endings, TestHooks } from './test-hooks.js'

test('runPhase() runs nothing that others could have written, and says what to mend', async (t) => {
  const hooks = new TestHooks(t)
  const writable = hooks.add({ name: 'stopped/20-writable' })
  chmodSync(writable, 0o775)
  hooks.add({ name: 'stopped/30-plain', mode: 0o644 })
  mkdirSync(join(hooks.own, 'stopped/40-folder'), { mode: 0o755 })
  symlinkSync('/absent', join(hooks.own, 'stopped/50-nowhere'))
  hooks.add({ name: 'stopped/60-settings', toml: 'timeout = "1m"' })
  chmodSync(join(hooks.own, 'stopped/60-settings.toml'), 0o666)
  writeFileSync(join(hooks.own, 'stopped/70-not-a-program'), 'exit 0\n', { mode: 0o755 })
  t.same(endings(await hooks.run({ phase: 'stopped' })), [
    '20-writable refused: its file may be written by others than its owner; chmod go-w it',
    '30-plain refused: it is not executable; chmod +x it',
    '40-folder refused: it is not a regular file',
    '50-nowhere refused: it is a link that leads nowhere',
    '60-settings refused: its settings cannot be used: their file may be written by others than its owner; chmod go-w it',
    '70-not-a-program failed: it is neither a program nor a script with a #! line',
  ])
  chmodSync(join(hooks.own, 'stopped'), 0o777)
  t.match(endings(await hooks.run({ phase: 'stopped' }))[0], /^20-writable refused: /)
})

test('runPhase() takes names letter by letter', async (t) => {
  const hooks = new TestHooks(t)
  for (const name of ['0-tempest', '80_tempest', '80-tempest.sh', '080-tempest', '80-', 'tempest'])
    hooks.add({ name: `extra/${name}` })
  for (const name of ['.80-tempest', '80-tempest~', '80-tempest.bak', '80-tempest.dpkg-new'])
    hooks.add({ name: `extra/${name}` })
  writeFileSync(join(hooks.own, 'extra/README'), 'for people\n')
  const run = await hooks.run({ phase: 'extra' })
  t.same(
    run.results.map(({ hook }) => hook),
    ['0-tempest', '080-tempest', '80-', '80-tempest.sh', '80_tempest', 'tempest'],
  )
  for (const ending of endings(run))
    t.match(ending, / refused: its name is not two digits, a dash and a name; call it, e.g., "20-network"$/)
})

test('runPhase() keeps some numbers for hooks that are shipped', async (t) => {
  const hooks = new TestHooks(t)
  for (const name of ['09-own', '10-own', '89-own', '90-own']) hooks.add({ name: `extra/${name}` })
  const why = 'the numbers 00 to 09 and 90 to 99 are kept for hooks that are shipped; take 10 to 89'
  t.same(endings(await hooks.run({ phase: 'extra' })), [
    `09-own refused: ${why}`,
    '10-own done',
    '89-own done',
    `90-own refused: ${why}`,
  ])
})

test('runPhase() refuses hooks beyond so many, and a folder that cannot be read', async (t) => {
  const hooks = new TestHooks(t)
  for (let number = 0; number <= hooksPerPhaseMax; number += 1) {
    const name = `extra/20-${String(number).padStart(4, '0')}`
    hooks.add({ name, toml: 'enabled = false' })
  }
  const run = await hooks.run({ phase: 'extra' })
  t.equal(run.results.filter(({ outcome }) => outcome === 'skipped').length, hooksPerPhaseMax)
  t.equal(
    endings(run).at(-1),
    `20-0256 refused: the phase has more than ${hooksPerPhaseMax} hooks; remove those that nobody needs`,
  )
  writeFileSync(join(hooks.own, 'clean'), 'a file')
  await t.rejects(hooks.run({ phase: 'clean' }), {
    code: 'hooks-unreadable',
    message: /ENOTDIR; mend the folder, or remove it$/,
  })
})

test('runPhase() tells of a misnamed hook although a script of that name may be run', async (t) => {
  const hooks = new TestHooks(t)
  hooks.add({ name: 'extra/80-tempest.sh' })
  hooks.addScript('80-tempest.sh', 'true')
  t.match(endings(await hooks.run({ phase: 'extra' })), [
    /^80-tempest\.sh refused: its name is not two digits/,
  ])
})
