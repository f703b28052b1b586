import { test } from 'tap'
import { definitionOf } from './definition-of.js'
import { checkValues } from './schema.js'
import { testUuid, testValues } from './test-definition.js'

/** The problems of a definition, a line each. */
function linesOf(values: Record<string, unknown>): readonly string[] {
  const checked = checkValues(values)
  return 'problems' in checked ? checked.problems.map(({ path, sentence }) => `${path}: ${sentence}`) : []
}

test('checkValues() fills in every default', (t) => {
  const checked = checkValues(testValues())
  if ('problems' in checked) throw new Error('it has problems')
  t.same(definitionOf(checked.values), {
    uuid: testUuid,
    name: 'web1',
    driver: 'qemu',
    memoryBytes: 2 ** 28,
    vcpuCount: 1,
    kernel: { path: '/boot/vmlinuz', args: '' },
    disks: [],
    interfaces: [],
    qemuOptions: [],
    onDaemonStart: 'ignore',
    onDaemonStop: 'ignore',
    onHostShutdown: 'shutdown',
    onPoweroff: 'destroy',
    onReboot: 'restart',
    onCrash: 'restart',
    stop: { agentMs: 60_000, acpiMs: 60_000, killMs: 10_000 },
    restart: { firstMs: 1000, mostMs: 300_000, resetAfterMs: 600_000, restartCountMax: 10 },
  })
  t.end()
})

test('checkValues() gives again what it gave', (t) => {
  const once = checkValues(
    testValues({
      disks: [{ path: '/img', read_only: true }],
      interfaces: [{ kind: 'tap', device: 'tap0', mac: '52:54:00:00:00:01' }],
    }),
  )
  if ('problems' in once) throw new Error('it has problems')
  t.same(checkValues({ ...once.values }), once)
  t.equal(definitionOf(once.values).disks[0]?.isReadOnly, true)
  t.end()
})

test('definitionOf() leaves a step out that is skipped', (t) => {
  const checked = checkValues(testValues({ stop: { kill: 'skip', acpi: '5s' } }))
  if ('problems' in checked) throw new Error('it has problems')
  t.same(definitionOf(checked.values).stop, { agentMs: 60_000, acpiMs: 5000, killMs: undefined })
  t.end()
})

test('checkValues() tells all faults at once, each with its place', (t) => {
  t.same(
    linesOf({
      uuid: '00000000-0000-0000-0000-000000000000',
      nam: 'web1',
      memory: 512,
      vcpus: 0,
      on_crash: 'explode',
      interfaces: [{ kind: 'foo' }, { kind: 'bridge', mac: '01:00:00:00:00:00' }, 7],
      disks: [{ path: 'x', format: 'vmdk', read_only: 'no' }],
      qemu_options: ['-S', ''],
      stop: { agent: 'never' },
      restart: { restarts_max: 1.5, 'a\u001b': 1 },
    }),
    [
      'uuid: it is "00000000-0000-0000-0000-000000000000", wanted a uuid in lower case such as "9b1f0f3a-0000-4000-8000-000000000001", and not all zeros',
      'name: it is missing, wanted letters, digits, ".", "_" and "-", 64 at most, a letter or digit first, and no uuid',
      'memory: it is 512, wanted a size such as "10MiB": a whole number above 0 and "B", "KiB", "MiB", "GiB" or "TiB", 1MiB at least',
      'vcpus: it is 0, wanted a whole number from 1 to 4096',
      'disks[0].path: it is "x", wanted an absolute path',
      'disks[0].format: it is "vmdk", wanted one of "raw", "qcow2"',
      'disks[0].read_only: it is "no", wanted true or false',
      'interfaces[0].kind: it is "foo", wanted one of "user", "bridge", "tap"',
      'interfaces[1].bridge: it is missing, wanted the name of a network device, 1 to 15 characters',
      'interfaces[1].mac: it is "01:00:00:00:00:00", wanted the address of one device, such as "52:54:00:12:34:56"',
      'interfaces[2]: it is 7, wanted a table',
      'qemu_options[1]: it is "", wanted one argument of QEMU',
      'on_crash: it is "explode", wanted one of "destroy", "restart", "preserve", "rename-restart"',
      'stop.agent: it is "never", wanted a duration such as "30s": a whole number above 0 and "ms", "s", "m" or "h", a week at most, or "skip"',
      'restart.restarts_max: it is 1.5, wanted a whole number from 0 to 1000000',
      'restart."a\\u001b": there is no such setting',
      'nam: there is no such setting; did you mean "name"?',
    ],
  )
  t.end()
})

test('checkValues() wants something to boot from', (t) => {
  const nothing = ['kernel: there is neither a kernel nor a disk to boot from; give "kernel" or "disks"']
  t.same(linesOf(testValues({ kernel: undefined })), nothing)
  t.same(linesOf(testValues({ kernel: undefined, disks: [] })), nothing)
  t.same(linesOf(testValues({ kernel: undefined, disks: [{ path: '/img' }] })), [])
  t.end()
})

test('checkValues() shows a long value in part', (t) => {
  const [line = ''] = linesOf(testValues({ driver: 'X'.repeat(1000) }))
  t.match(line, /^driver: it is "X{79}\.\.\., wanted the name of a driver, or the path of its module$/)
  t.end()
})

test('checkValues() refuses a name that could be a uuid, and texts with a zero byte', (t) => {
  t.match(linesOf(testValues({ name: testUuid })), [/^name: it is "9b1f/])
  t.match(linesOf(testValues({ kernel: { path: '/boot/\0' } })), [/^kernel.path: it is "\/boot\/\\u0000"/])
  t.match(linesOf(testValues({ kernel: { path: '/k', args: 'a\nb' } })), [/wanted one line of 2047/])
  t.end()
})
