import { test } from 'tap'
import { callCommand, testMachine } from '../test-machine.js'
import { alpine, debian12, minimal, rocky9 } from '../test-systems.js'
import { command as hostName } from './host-name.js'
import { command as osInfo } from './os-info.js'
import { parseOsRelease } from './os-release.js'

test('os-info tells the distribution, and its version apart from its name', async (t) => {
  const cases = [
    [debian12, 'debian', 'Debian GNU/Linux', '12', 'bookworm'],
    [rocky9, 'rocky', 'Rocky Linux', '9.4', 'Blue Onyx'],
    [alpine, 'alpine', 'Alpine Linux', '3.20.1', null],
    [minimal, null, null, null, null],
  ] as const
  for (const [parts, distributionId, distribution, version, codename] of cases) {
    const { stdout } = await callCommand(osInfo, { machine: testMachine(t, parts), args: ['--json'] })
    const kernel = { type: 'linux', kernel: '6.1.0-13-amd64', architecture: 'x86_64' }
    t.same(JSON.parse(stdout), { ...kernel, distributionId, distribution, version, codename })
  }
})

test('os-info says it in words', async (t) => {
  const told = async (parts: typeof minimal): Promise<string> =>
    (await callCommand(osInfo, { machine: testMachine(t, parts) })).stdout
  t.equal(await told(debian12), 'Debian GNU/Linux 12 (bookworm)\nLinux 6.1.0-13-amd64 x86_64\n')
  t.equal(await told(minimal), 'unknown distribution\nLinux 6.1.0-13-amd64 x86_64\n')
})

test('parseOsRelease() takes quotes off as a shell does', (t) => {
  const text = `# comment\nNAME='It is'\nA="x \\"y\\" \\$z \\\\"\nB=plain\nC=\nlower=no\n=none\nD="half\n`
  t.same(Object.fromEntries(parseOsRelease(text)), {
    NAME: 'It is',
    A: 'x "y" $z \\',
    B: 'plain',
    C: '',
    D: '"half',
  })
  t.end()
})

test('host-name finds the full name where it is written', async (t) => {
  const kernelName = '/proc/sys/kernel/hostname'
  const cases: [files: Record<string, string>, fqdn: string | null][] = [
    [{ [kernelName]: 'web1\n' }, null],
    [{ [kernelName]: 'web1.example.org\n' }, 'web1.example.org'],
    [{ [kernelName]: 'web1\n', '/etc/hosts': '127.0.1.1 web1 web1.example.org\n' }, 'web1.example.org'],
    [
      { [kernelName]: 'web1\n', '/etc/hosts': '#127.0.1.1 web1.example.org web1\n192.0.2.1 web10.x web1' },
      null,
    ],
  ]
  for (const [files, fqdn] of cases) {
    const { stdout } = await callCommand(hostName, { machine: testMachine(t, { files }), args: ['--json'] })
    t.same(JSON.parse(stdout), { name: files[kernelName]?.trim(), fqdn })
  }
})

test('host-name asks the system for the full name, and believes only that', async (t) => {
  const files = { '/proc/sys/kernel/hostname': 'web1' }
  const full = async (tool: string | { exitCode: number; stdout: string }): Promise<unknown> => {
    const machine = testMachine(t, { files, tools: { 'hostname -f': tool } })
    return await callCommand(hostName, { machine, args: ['--fqdn'] })
  }
  t.match(await full('web1.example.com\n'), { exitCode: 0, stdout: 'web1.example.com\n' })
  const unknown = 'Cannot tell the full name of web1: nobody knows its domain; name it in /etc/hosts\n'
  for (const tool of ['web1\n', 'localhost\n', '', { exitCode: 1, stdout: 'web1.x' }])
    t.match(await full(tool), { exitCode: 69, stdout: '', stderr: unknown })
  t.equal((await callCommand(hostName, { machine: testMachine(t, { files }) })).stdout, 'web1\n')
})
