import { existsSync, truncateSync } from 'node:fs'
import { test } from 'tap'
import { definitionBytesMax } from '../../managed/forms/form.js'
import { otherUuid, testUuid } from '../../managed/test-definition.js'
import { GuestProgram, web1Toml } from './test-guest-program.js'

const defined = `Defined "web1", ${testUuid}, as its revision 1.\n`

const json = JSON.stringify({
  ...{ uuid: testUuid, name: 'web1', memory: '256MiB', driver: 'fake' },
  kernel: { path: '/boot/vmlinuz' },
})
const xml = `<domain type='kvm'><name>web1</name><uuid>${testUuid}</uuid><memory unit='MiB'>256</memory>
  <os><type>hvm</type><kernel>/boot/vmlinuz</kernel></os></domain>`
const sxp = `(domain (uuid ${testUuid}) (name web1) (memory 256) (image (linux (kernel /boot/vmlinuz))))`
const xenApi = JSON.stringify({
  ...{ uuid: testUuid, name_label: 'web1', memory_static_min: '256' },
  kernel_kernel: '/boot/vmlinuz',
})

for (const [form, text] of Object.entries({ toml: web1Toml, json, xml, sxp, 'xen-api': xenApi }))
  test(`guest define reads ${form}, told by its content or named`, async (t) => {
    const program = new GuestProgram(t)
    const file = program.write('guest', text)
    t.same(await program.run('define', file), { code: 0, stdout: defined, stderr: '' })
    t.match(await program.run('show', 'web1', '--json'), { code: 0, stdout: '"memory": "256MiB"' })
    t.match(await program.runWithInput(text, 'define', '--format', form, '-'), {
      code: 0,
      stdout: `Defined "web1", ${testUuid}, as its revision 2.\n`,
    })
  })

test('guest define --dry-run shows all that would be in force, and keeps nothing', async (t) => {
  const program = new GuestProgram(t)
  t.same(await program.run('define', program.write('web1.toml', web1Toml), '--dry-run'), {
    code: 0,
    stdout: `# web1, revision 1
uuid = "${testUuid}"
name = "web1"
driver = "fake"
memory = "256MiB"
vcpus = 1
disks = []
interfaces = []
qemu_options = []
on_daemon_start = "ignore"
on_daemon_stop = "ignore"
on_host_shutdown = "shutdown"
on_poweroff = "destroy"
on_reboot = "restart"
on_crash = "restart"

[kernel]
path = "/boot/vmlinuz"
args = ""

[stop]
agent = "60s"
acpi = "60s"
kill = "10s"

[restart]
first_wait = "1s"
longest_wait = "5m"
reset_after = "10m"
restarts_max = 10
This would define "web1", ${testUuid}, as its revision 1.
`,
    stderr: '',
  })
  t.notOk(existsSync(program.guests))
})

test('guest define names what a definition has no place for', async (t) => {
  const program = new GuestProgram(t)
  const text = sxp.replace('(memory 256)', '(memory 256) (status 2) (up_time 3.5) ("\\033[2J" 1)')
  t.same(await program.runWithInput(text, 'define', '-'), {
    code: 0,
    stdout: defined,
    stderr: 'negotiator-host: passed over, for a definition has no place for it: status, up_time, \\x1b[2J\n',
  })
})

test('guest define tells all that is wrong at once', async (t) => {
  const program = new GuestProgram(t)
  const file = program.write(
    'bad.toml',
    'name = "web1"\nmemory = 512\non_crash = "explode"\nvcpu = 2\ndisks = [{ path = "/img" }]\n',
  )
  t.same(await program.run('define', file), {
    code: 125,
    stdout: '',
    stderr: `negotiator-host: Cannot use the definition "${file}": it has 3 faults
  memory: it is 512, wanted a size such as "10MiB": a whole number above 0 and "B", "KiB", "MiB", "GiB" or "TiB", 1MiB at least
  on_crash: it is "explode", wanted one of "destroy", "restart", "preserve", "rename-restart"
  vcpu: there is no such setting; did you mean "vcpus"?
`,
  })
  t.notOk(existsSync(program.guests))
})

test('guest define refuses a form that is none, and a text that is not of its form', async (t) => {
  const program = new GuestProgram(t)
  t.same(await program.runWithInput(web1Toml, 'define', '-', '--format', 'yaml'), {
    code: 125,
    stdout: '',
    stderr: 'negotiator-host: Cannot use "yaml" as a format: wanted one of toml, json, xml, sxp, xen-api\n',
  })
  t.match(await program.runWithInput(web1Toml, 'define', '-', '--format', 'json'), {
    code: 125,
    stderr: /^negotiator-host: Cannot read the definition "-" as JSON: Unexpected token/,
  })
})

test('guest define refuses a name that another guest has', async (t) => {
  const program = new GuestProgram(t)
  await program.define()
  const other = web1Toml.replace(testUuid, otherUuid)
  for (const options of [[], ['--dry-run']])
    t.same(await program.runWithInput(other, 'define', '-', ...options), {
      code: 125,
      stdout: '',
      stderr: `negotiator-host: Cannot name a guest "web1": ${testUuid} has this name; take another, or define that one with its uuid\n`,
    })
})

test('guest define tells which file it cannot read, and reads none that is too long for a definition', async (t) => {
  const program = new GuestProgram(t)
  t.same(await program.run('define', `${program.root}/nowhere`), {
    code: 125,
    stdout: '',
    stderr: `negotiator-host: Cannot read the definition "${program.root}/nowhere": ENOENT\n`,
  })
  t.match(await program.run('define', program.root), { code: 125, stderr: /": EISDIR\n$/ })
  const image = program.write('image', '')
  truncateSync(image, definitionBytesMax + 1)
  t.match(await program.run('define', image), {
    code: 125,
    stderr: `"${image}": it has more than ${definitionBytesMax} bytes, which no definition has\n`,
  })
})
