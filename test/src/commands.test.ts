// The shipped commands, run as a daemon runs them: the real executables, an environment built from nothing,
// the working directory "/", no terminal. What a machine may have instead (another df, another ip, another
// distribution) is put before them as a tiny executable on PATH or as an os-release file.

import { execa } from 'execa'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'
import type { Test } from 'tap'

const shippedFolder = fileURLToPath(new URL('../../commands/', import.meta.url))
const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path)) ?? ''

interface Ran {
  readonly exitCode: number | undefined
  readonly stdout: string
  readonly stderr: string
}

interface RunOptions {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly input?: Uint8Array
  /** The program and arguments that run the file, where that is not its own first line. */
  readonly shell?: readonly string[]
}

async function run(
  command: string,
  { args = [], env = {}, input, shell = [] }: RunOptions = {},
): Promise<Ran> {
  const [program = '', ...rest] = [...shell, join(shippedFolder, command), ...args]
  const { exitCode, stdout, stderr } = await execa(program, rest, {
    cwd: '/',
    env: { PATH: systemPath, HOME: '/root', LANG: 'C.UTF-8', NEGOTIATOR_COMMAND: basename(command), ...env },
    extendEnv: false,
    input: input ?? '',
    reject: false,
    stripFinalNewline: false,
    timeout: 20_000,
  })
  return { exitCode, stdout, stderr }
}

async function temporaryFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'negotiator-commands-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Puts an executable into the folder that prints the text and exits with the status, whatever it is asked. */
async function placeTool(
  file: string,
  { prints, status = 0 }: { prints: string; status?: number },
): Promise<void> {
  await writeFile(file, `#!/bin/sh\nprintf '%s' '${prints.replaceAll("'", "'\\''")}'\nexit ${status}\n`)
  await chmod(file, 0o755)
}

async function shippedCommands(): Promise<string[]> {
  const sides = ['both', 'guest', 'host']
  const names = await Promise.all(
    sides.map(async (side) => (await readdir(join(shippedFolder, side))).map((name) => `${side}/${name}`)),
  )
  return names.flat().filter((name) => !basename(name).startsWith('.'))
}

const takesArguments = new Set(['lifecycle', 'ovirt-lifecycle'])

/** A module is no program of its own; it has tests where modules are run. */
async function shippedPrograms(): Promise<string[]> {
  return (await shippedCommands()).filter((name) => !name.endsWith('.mjs'))
}

test('every shipped command tells its purpose and usage first, and refuses what it cannot use', async (t) => {
  const commands = await shippedPrograms()
  t.ok(commands.length >= 10, `found ${commands.length}`)

  for (const command of commands) {
    const name = basename(command)
    const header = (await readFile(join(shippedFolder, command), 'utf8')).split('\n').slice(0, 3)
    t.match(name, /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)
    t.match(header.join('\n'), new RegExp(`^#!/bin/sh\n# ${name}: [^\n]+\\.\n# Usage: ${name}`))

    for (const args of [['--help'], [''], ['one', 'two']]) {
      const { exitCode, stdout, stderr } = await run(command, { args })
      t.equal(exitCode, 64, `${name} ${args.join(' ')}`)
      t.equal(stdout, '')
      const complaint = takesArguments.has(name) ? 'wanted .*' : `it .*no arguments, ${args.length} given`
      t.match(stderr, new RegExp(`^Cannot run ${name}: ${complaint}\n$`))
    }
  }
})

test('every shipped command is in the README', async (t) => {
  const readme = await readFile(join(shippedFolder, 'README.md'), 'utf8')
  for (const command of await shippedCommands()) {
    const [side = '', name = ''] = command.replace(/\.mjs$/, '').split('/')
    t.match(readme, `| ${side} | \`${name}\` |`)
  }
})

test('hello greets the caller by the very name that the daemon gives', async (t) => {
  const { exitCode, stdout } = await run('both/hello', { env: { NEGOTIATOR_CALLER: '100%d \\n' } })
  t.equal(stdout, `Hello 100%d \\n, this is ${hostname()}\n`)
  t.equal(exitCode, 0)
})

test('host-name prints the name of the machine', async (t) => {
  t.equal((await run('both/host-name')).stdout, `${hostname()}\n`)
})

test('uptime-seconds prints whole seconds, no more than the kernel counted', async (t) => {
  const { stdout } = await run('both/uptime-seconds')
  const uptimeSeconds = Number.parseFloat(await readFile('/proc/uptime', 'utf8'))
  t.match(stdout, /^\d+\n$/)
  t.ok(
    Number(stdout) <= uptimeSeconds && Number(stdout) > uptimeSeconds - 60,
    `${stdout} of ${uptimeSeconds}`,
  )
})

test('checksum reads all of standard input, whatever bytes it has', async (t) => {
  for (const input of [Buffer.alloc(0), Buffer.from([0, 255, 10, 13, 0]), randomBytes(8 * 1024 * 1024)]) {
    const expected = createHash('sha256').update(input).digest('hex')
    t.equal((await run('both/checksum', { input })).stdout, `${expected}\n`, `${input.length} bytes`)
  }
})

test('guest-name prints what the host calls the guest, and fails when no guest is calling', async (t) => {
  t.equal((await run('host/guest-name', { env: { NEGOTIATOR_GUEST: 'web-1' } })).stdout, 'web-1\n')

  const { exitCode, stdout, stderr } = await run('host/guest-name')
  t.equal(exitCode, 69)
  t.equal(stdout, '')
  t.match(stderr, 'no guest is calling')
})

// What the distribution's own lsb_release prints for -si, -sr and -sc. CentOS 7 alone differs: its lsb_release finds
// 7.9.2009 in another file.
const distributions: ReadonlyArray<{
  file: string
  says: readonly [id: string, release: string, codename: string]
}> = [
  {
    file: 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n',
    says: ['Debian', '12', 'bookworm'],
  },
  {
    file: 'PRETTY_NAME="Debian GNU/Linux 8 (jessie)"\nNAME="Debian GNU/Linux"\nVERSION_ID="8"\nVERSION="8 (jessie)"\nID=debian\n',
    says: ['Debian', '8', 'jessie'],
  },
  {
    file: 'PRETTY_NAME="Ubuntu 24.04.1 LTS"\nNAME="Ubuntu"\nVERSION_ID="24.04"\nVERSION="24.04.1 LTS (Noble Numbat)"\nVERSION_CODENAME=noble\nID=ubuntu\nID_LIKE=debian\nUBUNTU_CODENAME=noble\n',
    says: ['Ubuntu', '24.04', 'noble'],
  },
  {
    file: 'NAME="Linux Mint"\nVERSION="21.3 (Virginia)"\nID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_ID="21.3"\nVERSION_CODENAME=virginia\n',
    says: ['Linuxmint', '21.3', 'virginia'],
  },
  { file: 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.20.3\n', says: ['Alpine', '3.20.3', 'n/a'] },
  {
    file: 'NAME=NixOS\nID=nixos\nVERSION_ID="24.05"\nVERSION_CODENAME=uakari\n',
    says: ['NixOS', '24.05', 'uakari'],
  },
  { file: 'NAME="Arch Linux"\nID=arch\nBUILD_ID=rolling\n', says: ['Arch', 'rolling', 'n/a'] },
  {
    file: 'NAME="CentOS Linux"\nVERSION="7 (Core)"\nID="centos"\nID_LIKE="rhel fedora"\nVERSION_ID="7"\n',
    says: ['CentOS', '7', 'Core'],
  },
  {
    file: 'NAME="Red Hat Enterprise Linux"\nVERSION="8.1 (Ootpa)"\nID="rhel"\nID_LIKE="fedora"\nVERSION_ID="8.1"\n',
    says: ['RedHatEnterprise', '8.1', 'Ootpa'],
  },
  {
    file: 'NAME="Rocky Linux"\nVERSION="8.5 (Green Obsidian)"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="8.5"\n',
    says: ['Rocky', '8.5', 'GreenObsidian'],
  },
  {
    file: 'NAME="AlmaLinux"\nVERSION="8.6 (Sky Tiger)"\nID="almalinux"\nID_LIKE="rhel centos fedora"\nVERSION_ID="8.6"\n',
    says: ['AlmaLinux', '8.6', 'SkyTiger'],
  },
  {
    file: 'NAME="Fedora Linux"\nVERSION="39 (Container Image)"\nID=fedora\nVERSION_ID=39\nVERSION_CODENAME=""\n',
    says: ['Fedora', '39', 'n/a'],
  },
  {
    file: 'NAME="openSUSE Leap"\nVERSION="15.1"\nID="opensuse-leap"\nID_LIKE="suse opensuse"\nVERSION_ID="15.1"\n',
    says: ['openSUSE', '15.1', 'n/a'],
  },
  {
    file: 'NAME="SLES"\nVERSION="12-SP5"\nVERSION_ID="12.5"\nID="sles"\nID_LIKE="suse"\n',
    says: ['SUSE', '12.5', 'n/a'],
  },
  {
    file: '# A comment\n\nNAME=\'Own "Build" \\* Linux\'\nID=\'own\'\nVERSION="1 \\$HOME"\n',
    says: ['Own', 'n/a', 'n/a'],
  },
  { file: '', says: ['n/a', 'n/a', 'n/a'] },
]

test('find-distributor-id, -release and -codename answer as lsb_release does, from os-release alone', async (t) => {
  const osRelease = join(await temporaryFolder(t), 'os-release')

  for (const { file, says } of distributions) {
    await writeFile(osRelease, file)
    const commands = ['find-distributor-id', 'find-distribution-release', 'find-distribution-codename']
    const env = { LSB_OS_RELEASE: osRelease, ID: 'the-callers', VERSION_CODENAME: 'the-callers' }
    const answers = await Promise.all(commands.map((command) => run(`both/${command}`, { env })))
    t.strictSame(
      answers.map(({ stdout }) => stdout.trimEnd()),
      says,
    )
    t.strictSame(
      answers.map(({ exitCode, stderr }) => `${exitCode}${stderr}`),
      ['0', '0', '0'],
    )
  }
})

test('find-distributor-id, -release and -codename name the file that cannot be read', async (t) => {
  for (const command of ['find-distributor-id', 'find-distribution-release', 'find-distribution-codename']) {
    const env = { LSB_OS_RELEASE: '/nowhere/os-release' }
    const { exitCode, stdout, stderr } = await run(`both/${command}`, { env })
    t.equal(exitCode, 69)
    t.equal(stdout, '')
    t.match(stderr, /^Cannot find .*: \/nowhere\/os-release cannot be read\n$/)
  }
})

test('find-disk-usage lists devices in bytes, and keeps a line at four fields', async (t) => {
  const folder = await temporaryFolder(t)
  await placeTool(join(folder, 'df'), {
    prints: [
      'Filesystem                      1024-blocks      Used Available Capacity Mounted on',
      'tmpfs                               1639756      1176   1638580       1% /run',
      '/dev/mapper/a-very-long-volume-group-root 264212084 22834288 83556624 22% /',
      '/dev/sdb1                       17179869184 123456789 5 1% /srv/all  my files',
      '/dev/sdc1                              1024        12      1012       2% /mnt/tab\there\\n',
      'server:/export                      9999999       999   9999000       1% /net',
      '/dev/sdd1                                 -         -         -       -  /odd',
      '',
    ].join('\n'),
  })

  const { exitCode, stdout, stderr } = await run('both/find-disk-usage', {
    env: { PATH: `${folder}:${systemPath}` },
  })

  t.strictSame(stdout.split('\n'), [
    '/dev/mapper/a-very-long-volume-group-root / 270553174016 23382310912',
    '/dev/sdb1 /srv/all\\040\\040my\\040files 17592186044416 126419751936',
    '/dev/sdc1 /mnt/tab\\011here\\134n 1048576 12288',
    '',
  ])
  t.equal(`${exitCode}${stderr}`, '0')
})

test(
  'find-disk-usage never runs what a device is named for',
  { skip: !existsSync('/bin/bash') },
  async (t) => {
    const folder = await temporaryFolder(t)
    const trap = join(folder, 'ran')
    const name = `/dev/x a[$(>${trap})] 1 1 1 /`
    await placeTool(join(folder, 'df'), { prints: `${name} 1 1 0 1% /mnt\n/dev/sda1 8 4 4 50% /\n` })

    // Of the usual shells bash alone expands what it finds in arithmetic; it is sh on Red Hat and its kin.
    const { stdout } = await run('both/find-disk-usage', {
      env: { PATH: `${folder}:${systemPath}` },
      shell: ['/bin/bash', '--posix'],
    })

    t.equal(stdout, '/dev/sda1 / 8192 4096\n')
    t.equal(existsSync(trap), false)
  },
)

test('find-disk-usage gives what df found although df failed, and fails when it found nothing', async (t) => {
  const folder = await temporaryFolder(t)
  const env = { PATH: `${folder}:${systemPath}` }

  await placeTool(join(folder, 'df'), { prints: '/dev/sda1 8 4 4 50% /\n', status: 1 })
  t.strictSame(await run('both/find-disk-usage', { env }), {
    exitCode: 0,
    stdout: '/dev/sda1 / 8192 4096\n',
    stderr: '',
  })

  await placeTool(join(folder, 'df'), { prints: '', status: 1 })
  t.strictSame(await run('both/find-disk-usage', { env }), { exitCode: 1, stdout: '', stderr: '' })
})

const addressTools = [
  {
    make: 'iproute2',
    tool: 'ip',
    prints: [
      '1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever',
      '2: eth0@if5    inet 192.0.2.7/24 brd 192.0.2.255 scope global eth0\\       valid_lft forever preferred_lft forever',
      '2: eth0    inet 192.0.2.8/24 scope global secondary eth0\\       valid_lft forever preferred_lft forever',
      '3: br-0    inet 198.51.100.1/20 brd 198.51.111.255 scope global br-0\\       valid_lft forever preferred_lft forever',
      '4: tun0    inet 203.0.113.5 peer 203.0.113.6/31 scope global tun0\\       valid_lft forever preferred_lft forever',
    ],
  },
  {
    make: 'net-tools',
    tool: 'ifconfig',
    prints: [
      'lo: flags=73<UP,LOOPBACK,RUNNING>  mtu 65536',
      '        inet 127.0.0.1  netmask 255.0.0.0',
      '        inet6 ::1  prefixlen 128  scopeid 0x10<host>',
      'eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500',
      '        inet 192.0.2.7  netmask 255.255.255.0  broadcast 192.0.2.255',
      'eth0:1: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500',
      '        inet 192.0.2.8  netmask 255.255.255.0  broadcast 0.0.0.0',
      'br-0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500',
      '        inet 198.51.100.1  netmask 255.255.240.0  broadcast 198.51.111.255',
      'tun0: flags=4305<UP,POINTOPOINT,RUNNING,NOARP,MULTICAST>  mtu 1500',
      '        inet 203.0.113.5  netmask 255.255.255.255  destination 203.0.113.6',
    ],
  },
  {
    make: 'busybox',
    tool: 'ifconfig',
    prints: [
      'lo        Link encap:Local Loopback  ',
      '          inet addr:127.0.0.1  Mask:255.0.0.0',
      'eth0      Link encap:Ethernet  HWaddr 52:54:00:12:34:56  ',
      '          inet addr:192.0.2.7  Bcast:192.0.2.255  Mask:255.255.255.0',
      '          inet6 addr: fe80::5054:ff:fe12:3456/64 Scope:Link',
      'eth0:1    Link encap:Ethernet  HWaddr 52:54:00:12:34:56  ',
      '          inet addr:192.0.2.8  Bcast:0.0.0.0  Mask:255.255.255.0',
      'br-0      Link encap:Ethernet  HWaddr 52:54:00:12:34:57  ',
      '          inet addr:198.51.100.1  Bcast:198.51.111.255  Mask:255.255.240.0',
      'tun0      Link encap:UNSPEC  HWaddr 00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00  ',
      '          inet addr:203.0.113.5  P-t-P:203.0.113.6  Mask:255.255.255.255',
    ],
  },
]

/** A folder to be the whole of PATH: sed and nothing else, so that no real ip or ifconfig is found. */
async function folderWithSedOnly(t: Test): Promise<string> {
  const folder = await temporaryFolder(t)
  const sed = ['/usr/bin/sed', '/bin/sed'].find((path) => existsSync(path)) ?? '/bin/sed'
  await symlink(sed, join(folder, 'sed'))
  return folder
}

for (const { make, tool, prints } of addressTools) {
  test(`find-ip-addresses prints the same from the ${tool} of ${make}`, async (t) => {
    const folder = await folderWithSedOnly(t)
    await placeTool(join(folder, tool), { prints: `${prints.join('\n')}\n` })

    const { exitCode, stdout, stderr } = await run('both/find-ip-addresses', { env: { PATH: folder } })

    t.equal(stdout, '192.0.2.7/24\n192.0.2.8/24\n198.51.100.1/20\n203.0.113.5/32\n')
    t.equal(`${exitCode}${stderr}`, '0')
  })
}

test('find-ip-addresses says what to install where no tool is, and fails when the tool fails', async (t) => {
  const folder = await folderWithSedOnly(t)
  const env = { PATH: folder }

  const without = await run('both/find-ip-addresses', { env })
  t.equal(without.exitCode, 69)
  t.match(without.stderr, 'neither ip nor ifconfig; install iproute2')

  await placeTool(join(folder, 'ip'), { prints: '', status: 3 })
  t.strictSame(await run('both/find-ip-addresses', { env }), { exitCode: 3, stdout: '', stderr: '' })

  await placeTool(join(folder, 'ip'), { prints: '' })
  t.strictSame(await run('both/find-ip-addresses', { env }), { exitCode: 0, stdout: '', stderr: '' })
})

test(
  'every shipped command gives the same answer with nothing but busybox',
  { skip: busybox === '' },
  async (t) => {
    const folder = await temporaryFolder(t)
    await execa(busybox, ['--install', '-s', folder])
    const env = { NEGOTIATOR_CALLER: 'web-1', NEGOTIATOR_GUEST: 'web-1' }
    const changing = new Set(['both/find-disk-usage', 'both/uptime-seconds', 'both/find-ip-addresses'])

    // What it runs is the guest's program; it has a test of its own.
    const programs = (await shippedPrograms()).filter((name) => name !== 'guest/lifecycle')
    for (const command of programs) {
      const args = takesArguments.has(basename(command)) ? ['before_migration'] : []
      const lean = await run(command, { args, env: { ...env, PATH: folder }, shell: [busybox, 'sh'] })
      t.equal(`${lean.exitCode}${lean.stderr}`, '0', command)
      if (!changing.has(command)) t.strictSame(lean, await run(command, { args, env }), command)
    }
  },
)
