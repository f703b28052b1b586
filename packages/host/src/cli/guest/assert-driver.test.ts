import { rmSync } from 'node:fs'
import { writeCommand } from '@negotiator/common/testing'
import { test } from 'tap'
import { testDriver } from './test-driver.js'
import { GuestProgram, web1Toml } from './test-guest-program.js'

test('guest undefine refuses a guest whose machine is not off, in a dry run, too', async (t) => {
  const program = new GuestProgram(t)
  const driver = testDriver(program, "return { state: 'suspended' }")
  await program.define(web1Toml.replace('fake', driver))
  for (const options of [[], ['--dry-run']])
    t.same(await program.run('undefine', 'web1', ...options), {
      code: 125,
      stdout: '',
      stderr:
        'negotiator-host: Cannot undefine "web1": its machine is suspended; resume and stop it, or throw its memory away: guest stop web1 --mode kill\n',
    })
  t.match(await program.run('show', 'web1'), { code: 0 })
})

test('guest undefine tells that nobody knows how the machine is, and can be undone', async (t) => {
  const program = new GuestProgram(t)
  const driver = testDriver(program, "return { state: 'off' }")
  await program.define(web1Toml.replace('fake', driver))
  rmSync(driver)
  const reason = `Cannot load the driver "${driver}": there is no such file`
  t.same(await program.runWithInput(web1Toml, 'define', '-'), {
    code: 125,
    stdout: '',
    stderr: `negotiator-host: Cannot give "web1" another driver: nobody can tell whether its machine is off (${reason}); mend that first, or undefine it and define it anew\n`,
  })
  t.match(await program.run('undefine', 'web1'), {
    code: 0,
    stdout: /^Undefined "web1"/,
    stderr: `negotiator-host: nobody can tell whether its machine is off: ${reason}\n`,
  })
  t.match(await program.run('undo', 'web1'), { code: 0 })
})

test('guest define and edit take no driver that is unknown or runs nothing', async (t) => {
  const program = new GuestProgram(t)
  for (const options of [[], ['--dry-run']])
    t.match(await program.runWithInput(web1Toml.replace('fake', 'qmu'), 'define', '-', ...options), {
      code: 125,
      stdout: '',
      stderr:
        /^negotiator-host: Cannot use the driver "qmu": the known ones are .*; did you mean "qemu"\?\n$/,
    })
  t.match(await program.runWithInput(web1Toml.replace('fake', 'folder:/run/guests'), 'define', '-'), {
    stderr:
      'negotiator-host: Cannot run machines with the driver "folder:/run/guests": it only finds them; those that can are libvirt, qemu, fake\n',
  })
  await program.define()
  process.env['VISUAL'] = writeCommand({
    folder: program.root,
    name: 'editor',
    script: 'sed -i s/fake/qmu/ "$1"',
  })
  t.teardown(() => delete process.env['VISUAL'])
  t.match(await program.run('edit', 'web1'), {
    code: 125,
    stderr: /Cannot use the driver "qmu": .*\nNothing was changed/,
  })
  t.match(await program.run('show', 'web1'), { stdout: '# web1, revision 1, off\n' })
})

test('guest define, edit and undo give no guest another driver while its machine is not off', async (t) => {
  const program = new GuestProgram(t)
  const mark = program.write('is-off', '')
  const states = `const { existsSync } = await import('node:fs')
    return { state: existsSync('${mark}') ? 'off' : 'running' }`
  await program.define()
  const toml = web1Toml.replace('fake', testDriver(program, states))
  await program.define(toml)
  rmSync(mark)
  const refused = 'Cannot give "web1" another driver: its machine is running; end it first: guest stop web1\n'
  for (const options of [[], ['--dry-run']]) {
    t.match(await program.runWithInput(web1Toml, 'define', '-', ...options), { code: 125, stderr: refused })
    t.match(await program.run('undo', 'web1', ...options), { code: 125, stderr: refused })
  }
  process.env['VISUAL'] = writeCommand({
    ...{ folder: program.root, name: 'editor' },
    script: `sed -i 's/^driver.*/driver = "qemu"/' "$1"`,
  })
  t.teardown(() => delete process.env['VISUAL'])
  t.match(await program.run('edit', 'web1'), { code: 125, stderr: refused.trim() })
  // What else is changed is no matter of the machine.
  t.match(await program.runWithInput(toml.replace('256MiB', '512MiB'), 'define', '-'), { code: 0 })
  program.write('is-off', '')
  t.match(await program.runWithInput(web1Toml, 'define', '-'), { code: 0 })
})
