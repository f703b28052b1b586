// appmonitor's wire byte for byte, as the old agent answered, or as its documents say that it answers.
import { test } from 'tap'
import { appmonitorStage } from './test-appmonitor.js'
import type { TestEnd } from './test-appmonitor.js'

interface Vector {
  readonly title: string
  readonly request: string
  readonly answer: string
  readonly commands?: Readonly<Record<string, TestEnd>>
}

const json = (value: unknown): TestEnd => ({ stdout: `${JSON.stringify(value)}\n` })

const memory = {
  totalBytes: 24684084 * 1024,
  freeBytes: 23680908 * 1024,
  availableBytes: 1,
  buffersBytes: 5464 * 1024,
  cachedBytes: 134920 * 1024,
  swapTotalBytes: 2048,
  swapFreeBytes: 1024,
}

const vectors: readonly Vector[] = [
  {
    title: 'echo repeats all fields',
    request: '{"operation":"echo","cmd":"dir"}\n\r',
    answer: '{"operation": "echo", "cmd": "dir"}\n\n\r',
  },
  {
    title: 'echo keeps what is nested and what is not ASCII',
    request: '{"operation":"echo","a":[1,{"é":null}],"b":true}\n\r',
    answer: '{"operation": "echo", "a": [1, {"\\u00e9": null}], "b": true}\n\n\r',
  },
  {
    title: 'execute_command gives the output without its last newline',
    request: '{"operation":"execute_command","cmd":"id -un"}\n\r',
    commands: { 'appmonitor-shell': { stdout: 'ro"ot\n\n' } },
    answer: '{"operation": "execute_command", "result": "ro\\"ot\\n"}\n\n\r',
  },
  {
    title: 'execute_command that fails',
    request: '{"operation":"execute_command","cmd":"false"}\n\r',
    commands: { 'appmonitor-shell': { stdout: 'lost', result: { kind: 'exited', code: 1 } } },
    answer: '{"operation": "execute_command", "result": "0e0r0r0o0r1"}\n\n\r',
  },
  {
    title: 'execute_command where there is no shell to be had',
    request: '{"operation":"execute_command","cmd":"id"}\n\r',
    answer: '{"operation": "execute_command", "result": "0e0r0r0o0r1"}\n\n\r',
  },
  {
    title: 'execute_script',
    request: '{"operation":"execute_script","path":"/root/h.sh","type":"sh"}\n\r',
    commands: { 'h.sh': { stdout: 'from sh\n', stderr: 'err\n' } },
    answer: '{"operation": "execute_script", "result": "from sh\\nerr"}\n\n\r',
  },
  {
    title: 'execute_script of another type',
    request: '{"operation":"execute_script","path":"/root/h.sh","type":"rb"}\n\r',
    commands: { 'h.sh': { stdout: 'from sh\n' } },
    answer: '{"operation": "execute_script", "result": "0e0r0r0o0r1"}\n\n\r',
  },
  {
    title: 'os_info, with distribution and version the wrong way round',
    request: '{"operation":"get_infomation","name":"os_info"}\n\r',
    commands: {
      'os-info': json({
        type: 'linux',
        kernel: '6.1.0-13-amd64',
        architecture: 'x86_64',
        distributionId: 'debian',
        distribution: 'Debian GNU/Linux',
        version: '12',
        codename: null,
      }),
    },
    answer:
      '{"operation": "get_infomation", "result": {"kernel": "6.1.0-13-amd64", "type": "linux", "version": "Debian GNU/Linux", "distribution": "12", "arch": "x86_64", "codename": ""}}\n\n\r',
  },
  {
    title: 'os_version is the kernel',
    request: '{"operation":"get_infomation","name":"os_version"}\n\r',
    commands: { 'os-info': json({ kernel: '6.1.0-13-amd64' }) },
    answer: '{"operation": "get_infomation", "result": "6.1.0-13-amd64"}\n\n\r',
  },
  {
    title: 'machine_name has its domain',
    request: '{"operation":"get_infomation","name":"machine_name"}\n\r',
    commands: { 'host-name': json({ name: 'vm1', fqdn: 'vm1.example.org' }) },
    answer: '{"operation": "get_infomation", "result": "vm1.example.org"}\n\n\r',
  },
  {
    title: 'machine_name of a machine without a domain',
    request: '{"operation":"get_infomation","name":"machine_name"}\n\r',
    commands: { 'host-name': json({ name: 'vm1', fqdn: null }) },
    answer: '{"operation": "get_infomation", "result": "vm1"}\n\n\r',
  },
  {
    title: 'all_network_interfaces',
    request: '{"operation":"get_infomation","name":"all_network_interfaces"}\n\r',
    commands: {
      'network-interfaces': json({
        interfaces: [
          {
            name: 'lo',
            mac: null,
            isUp: true,
            isLoopback: true,
            mtuBytes: 65536,
            ipv4: ['127.0.0.1/8'],
            ipv6: [],
          },
          {
            name: 'eth10',
            mac: '00:1a:4a:23:10:00',
            isUp: true,
            isLoopback: false,
            mtuBytes: 1500,
            ipv4: ['10.0.0.2/24', '10.0.0.3/24'],
            ipv6: ['fe80::1/64', '2001:db8::1/64'],
          },
        ],
      }),
    },
    answer:
      '{"operation": "get_infomation", "result": [{"name": "lo", "attr": "LOOPBACK,UP", "inet4": ["127.0.0.1/8"]}, {"name": "eth10", "attr": "UP", "mac": "00:1a:4a:23:10:00", "inet4": ["10.0.0.2/24", "10.0.0.3/24"], "inet6": "fe80::1/64", "inet6_others": ["2001:db8::1/64"]}]}\n\n\r',
  },
  {
    title: 'available_ram in MiB, as a text',
    request: '{"operation":"get_infomation","name":"available_ram"}\n\r',
    commands: { memory: json(memory) },
    answer: '{"operation": "get_infomation", "result": "23262"}\n\n\r',
  },
  ...['users', 'active_user'].map((name) => ({
    title: `${name}: everybody who is logged in, once`,
    request: `{"operation":"get_infomation","name":"${name}"}\n\r`,
    commands: { users: json({ users: [{ name: 'root' }, { name: 'alice' }, { name: 'root' }] }) },
    answer: '{"operation": "get_infomation", "result": "alice root"}\n\n\r',
  })),
  {
    title: 'disks_usage in bytes',
    request: '{"operation":"get_infomation","name":"disks_usage"}\n\r',
    commands: {
      'disks-usage': json({
        fileSystems: [
          {
            path: '/',
            device: '/dev/vda1',
            fileSystem: 'ext4',
            totalBytes: 12638248960,
            usedBytes: 4096,
            availableBytes: 1,
          },
        ],
      }),
    },
    answer:
      '{"operation": "get_infomation", "result": [{"path": "/", "fs": "ext4", "total": 12638248960, "used": 4096}]}\n\n\r',
  },
  {
    title: 'memory_stats in KiB and pages per second',
    request: '{"operation":"get_infomation","name":"memory_stats"}\n\r',
    commands: {
      'memory-stats': json({
        ...memory,
        intervalSeconds: 1.5,
        swapInPagesPerSecond: 0,
        swapOutPagesPerSecond: 1.9,
        pageFaultsPerSecond: 30.5,
        majorPageFaultsPerSecond: 2,
      }),
    },
    answer:
      '{"operation": "get_infomation", "result": {"mem_total": 24684084, "mem_free": 23821292, "mem_unused": 23680908, "mem_buffers": 5464, "mem_cached": 134920, "swap_in": 0, "swap_out": 1, "swap_usage": 1, "swap_total": 2, "pageflt": 30, "majflt": 2}}\n\n\r',
  },
  {
    title: 'get_infomation of an unknown name',
    request: '{"operation":"get_infomation","name":"nosuch"}\n\r',
    answer: '{"operation": "get_infomation", "result": "0e0r0r0o0r2"}\n\n\r',
  },
  {
    title: '0.1: a module is a command that reads its attributes',
    request:
      '{"operation":"get_infomation","name":"mysql_uptime","attr":{"username":"u","password":"p"}}\n\r',
    commands: { mysql_uptime: { stdout: '12345\n' } },
    answer: '{"operation": "get_infomation", "result": "12345"}\n\n\r',
  },
  {
    title: '0.1: a module that is not there',
    request: '{"operation":"get_infomation","name":"nosuch","attr":{}}\n\r',
    answer: '{"operation": "get_infomation", "result": "0e0r0r0o0r2"}\n\n\r',
  },
  {
    title: 'an unknown operation',
    request: '{"operation":"nosuch"}\n\r',
    answer: '{"operation": "nosuch", "result": "0e0r0r0o0r0"}\n\n\r',
  },
  ...['not json', '{"operation":"eho","cmd":"dir"aa}', '{"cmd":"dir"}', '[]', '{"operation":7}', '"\xff'].map(
    (line) => ({
      title: `no request at all: ${line}`,
      request: `${line}\n\r`,
      answer: '{"operation": "", "result": "0e0r0r0o0r0"}\n\n\r',
    }),
  ),
]

test('the vectors', async (t) => {
  for (const { title, request, answer, commands } of vectors) {
    const { ask } = appmonitorStage(commands)
    t.equal(await ask(request), answer, title)
    // Whatever it was, the next one is answered.
    t.equal(await ask('{"operation":"echo"}\n'), '{"operation": "echo"}\n\n\r', `after: ${title}`)
  }
})

test('the first version of the old host ended its lines with LF, others with CR LF', async (t) => {
  for (const end of ['\n', '\r\n', '\n\r', '\n\n\r'])
    t.equal(await appmonitorStage().ask(`{"operation":"echo"}${end}`), '{"operation": "echo"}\n\n\r')
})
