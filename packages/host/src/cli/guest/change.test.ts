import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { otherUuid, testUuid } from '../../managed/test-definition.js'
import { GuestProgram, web1Toml } from './test-guest-program.js'

async function programWithGuest(t: ConstructorParameters<typeof GuestProgram>[0]): Promise<GuestProgram> {
  const program = new GuestProgram(t)
  await program.define()
  return program
}

test('guest rename gives another name, and --dry-run does not', async (t) => {
  const program = await programWithGuest(t)
  t.same(await program.run('rename', 'web1', 'web2', '--dry-run'), {
    code: 0,
    stdout: `This would rename "web1" to "web2", ${testUuid}.\n`,
    stderr: '',
  })
  t.same(await program.run('rename', 'web1', 'web2'), {
    code: 0,
    stdout: `Renamed "web1" to "web2", ${testUuid}.\n`,
    stderr: '',
  })
  t.match(await program.run('show', 'web2'), { code: 0, stdout: `uuid = "${testUuid}"` })
  t.match(await program.run('show', 'web1'), { code: 125 })
})

test('guest rename refuses a name that is taken, or none', async (t) => {
  const program = await programWithGuest(t)
  await program.define(web1Toml.replace(testUuid, otherUuid).replace('web1', 'db1'))
  for (const options of [[], ['--dry-run']]) {
    t.same(await program.run('rename', 'web1', 'db1', ...options), {
      code: 125,
      stdout: '',
      stderr: `negotiator-host: Cannot name a guest "db1": ${otherUuid} has this name; take another, or define that one with its uuid\n`,
    })
    t.same(await program.run('rename', 'web1', 'x y', ...options), {
      code: 125,
      stdout: '',
      stderr: `negotiator-host: Cannot use the definition "web1": it has a fault
  name: it is "x y", wanted letters, digits, ".", "_" and "-", 64 at most, a letter or digit first, and no uuid
`,
    })
  }
  t.match(await program.run('show', 'web1'), { code: 0, stdout: 'revision 1, off\n' })
})

test('guest undo takes changes back, one after another', async (t) => {
  const program = await programWithGuest(t)
  await program.run('rename', 'web1', 'web2')
  t.same(await program.run('undo', 'web2', '--dry-run'), {
    code: 0,
    stdout: `This would bring back "web1", ${testUuid}, as it was in revision 1.\n`,
    stderr: '',
  })
  t.same(await program.run('undo', 'web2'), {
    code: 0,
    stdout: `Brought back "web1", ${testUuid}, as it was in revision 1.\n`,
    stderr: '',
  })
  t.same(await program.run('undo', 'web1'), {
    code: 125,
    stdout: '',
    stderr: 'negotiator-host: Cannot undo a change of "web1": no earlier revision of it is kept\n',
  })
})

test('guest undo brings the revision back before one that cannot be read', async (t) => {
  const program = await programWithGuest(t)
  await program.run('rename', 'web1', 'web2')
  writeFileSync(join(program.guests, testUuid, 'definition.json'), '{')
  t.same(await program.run('undo', testUuid, '--dry-run'), {
    code: 0,
    stdout: `This would bring back "web1", ${testUuid}, as it was in revision 1.\n`,
    stderr: '',
  })
  t.match(await program.run('undo', testUuid), { code: 0, stdout: /^Brought back "web1"/ })
  t.match(await program.run('show', 'web1'), { code: 0 })
})

test('guest undefine forgets a guest, undo brings it back, and --dry-run does neither', async (t) => {
  const program = await programWithGuest(t)
  t.same(await program.run('undefine', 'web1', '--dry-run'), {
    code: 0,
    stdout: `This would undefine "web1", ${testUuid}; \`guest undo ${testUuid}\` brings it back.\n`,
    stderr: '',
  })
  t.match(await program.run('show', 'web1'), { code: 0 })
  t.same(await program.run('undefine', 'web1'), {
    code: 0,
    stdout: `Undefined "web1", ${testUuid}; \`guest undo ${testUuid}\` brings it back.\n`,
    stderr: '',
  })
  t.match(await program.run('show', 'web1'), { code: 125 })
  t.match(await program.run('undo', 'web1', '--dry-run'), { code: 0, stdout: /^This would bring back/ })
  t.match(await program.run('show', 'web1'), { code: 125 })
  t.same(await program.run('undo', testUuid), {
    code: 0,
    stdout: `Brought back "web1", ${testUuid}, as it was in revision 1.\n`,
    stderr: '',
  })
  t.match(await program.run('show', 'web1'), { code: 0 })
})

test('guest undo tells of a guest that never was', async (t) => {
  const program = await programWithGuest(t)
  t.same(await program.run('undo', 'db1'), {
    code: 125,
    stdout: '',
    stderr:
      'negotiator-host: Cannot find the managed guest "db1": none has this name or uuid, and none was undefined\n',
  })
})
