import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { otherUuid, testUuid } from '../../managed/test-definition.js'
import { GuestProgram, web1Toml } from './test-guest-program.js'

test('guest list is a heading where there are no guests', async (t) => {
  const program = new GuestProgram(t)
  t.same(await program.run('list'), {
    code: 0,
    stdout: 'NAME  UUID  STATE  DRIVER  MEMORY  VCPUS  ON DAEMON START  REVISION\n',
    stderr: '',
  })
  t.same(JSON.parse((await program.run('list', '--json')).stdout), { guests: [], faults: [] })
})

test('guest list has a row for each guest', async (t) => {
  const program = new GuestProgram(t)
  await program.define()
  await program.define(web1Toml.replace(testUuid, otherUuid).replace('web1', 'db1'))
  t.same(await program.run('list'), {
    code: 0,
    stdout: `NAME  UUID                                  STATE  DRIVER  MEMORY  VCPUS  ON DAEMON START  REVISION
db1   ${otherUuid}  off    fake    256MiB  1      ignore           1
web1  ${testUuid}  off    fake    256MiB  1      ignore           1
`,
    stderr: '',
  })
  t.match(JSON.parse((await program.run('list', '--json')).stdout), {
    guests: [
      { name: 'db1', revision: 1 },
      { name: 'web1', uuid: testUuid },
    ],
    faults: [],
  })
})

test('guest list tells of a definition that was moved aside, lists the others, and exits 1', async (t) => {
  const program = new GuestProgram(t)
  await program.define()
  await program.define(web1Toml.replace(testUuid, otherUuid).replace('web1', 'db1'))
  const file = join(program.guests, testUuid, 'definition.json')
  writeFileSync(file, '{')
  const { code, stdout, stderr } = await program.run('list')
  t.equal(code, 1)
  t.match(stdout, /\ndb1 .*\n$/)
  t.notMatch(stdout, 'web1')
  t.match(
    stderr,
    new RegExp(`^negotiator-host: Cannot read the definition "${file}" as JSON: .*
The guest ${testUuid} has no definition that can be read; what it had is in "${program.guests}/${testUuid}/bad-definition-.*.json"; define it anew, or bring the revision before it back: guest undo ${testUuid}
$`),
  )
  const again = await program.run('list', '--json')
  t.equal(again.code, 1)
  t.match(JSON.parse(again.stdout), {
    guests: [{ name: 'db1' }],
    faults: [{ uuid: testUuid, sentence: /^The guest .* has no definition that can be read/ }],
  })
  t.match(await program.run('show', testUuid), { code: 125, stderr: /has no definition that can be read/ })
})

const full = `name = "web1"
uuid = "${testUuid}"
memory = "1536MiB"
vcpus = 3
driver = "fake"
qemu_options = ["-cpu", "host,+x2apic"]
on_daemon_start = "start"
on_crash = "rename-restart"
stop = { kill = "skip" }
restart = { restarts_max = 0 }
kernel = { path = "/boot/vmlinuz", initrd = "/boot/initrd", args = "a=\\"b\\" \\u001b" }
disks = [{ path = "/img", format = "qcow2", read_only = true }, { path = "/cd", kind = "cdrom", bus = "sata" }]
interfaces = [{ kind = "user" }, { kind = "bridge", bridge = "br0" }, { kind = "tap", device = "tap0" }]
`

for (const form of ['toml', 'json'])
  test(`guest show --format ${form} prints what can be defined again, and is the same then`, async (t) => {
    const program = new GuestProgram(t)
    await program.define(full)
    const { code, stdout, stderr } = await program.run('show', 'web1', '--format', form)
    t.match({ code, stderr }, { code: 0, stderr: '' })
    t.notMatch(stdout, '\u001b')
    const other = new GuestProgram(t)
    t.match(await other.runWithInput(stdout, 'define', '-'), { code: 0 })
    t.equal((await other.run('show', 'web1', '--format', form)).stdout, stdout)
  })

test('guest show prints TOML unless another form is wanted', async (t) => {
  const program = new GuestProgram(t)
  await program.define()
  const { stdout } = await program.run('show', testUuid)
  t.match(stdout, /^# web1, revision 1, off\nuuid = /)
  t.equal((await program.run('show', 'web1', '--format', 'toml')).stdout, stdout)
  t.match(JSON.parse((await program.run('show', 'web1', '--json')).stdout), { name: 'web1', vcpus: 1 })
  t.same(await program.run('show', 'web1', '--format', 'xml'), {
    code: 125,
    stdout: '',
    stderr:
      'negotiator-host: Cannot print a definition as "xml": wanted toml or json, the others are only read\n',
  })
})

for (const [member, ...more] of [['show'], ['edit'], ['rename', 'web2'], ['undefine']])
  test(`guest ${member} tells which guest was meant`, async (t) => {
    const program = new GuestProgram(t)
    await program.define()
    t.same(await program.run(member ?? '', 'web', ...more), {
      code: 125,
      stdout: '',
      stderr:
        'negotiator-host: Cannot find the managed guest "web": none has this name or uuid; did you mean "web1"?\n',
    })
    t.match(await program.run(member ?? '', 'database', ...more), {
      stderr: /none has this name or uuid; "guest list" tells which there are\n$/,
    })
  })

test('guest list uses no folder that others may write to', async (t) => {
  const program = new GuestProgram(t)
  await program.define()
  chmodSync(program.guests, 0o777)
  t.same(await program.run('list'), {
    code: 125,
    stdout: '',
    stderr: `negotiator-host: Cannot use the managed guests in "${program.guests}": their folder may be written by others than its owner; chmod go-w it ("${program.guests}")\n`,
  })
})
