import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import { systemClock } from '../clock.js'
import { testFolder, writeCommand } from '../test-folder.js'
import { openStartProcess } from './open-start-process.js'
import { startExecutable } from './runner.js'
import type { Executable } from './runner.js'
import { attempted, finished, started, untilPrinted } from './test-processes.js'

const environment = { PATH: '/usr/bin:/bin', HOME: '/daemon' }
const parts = { clock: systemClock, startProcess: await openStartProcess() }
const nobody = { user: 'nobody' }
const needsRoot = process.getuid?.() === 0 ? {} : { skip: 'only root may become another user' }

/** A folder that every user may enter. */
function openFolder(test: Parameters<typeof testFolder>[0]): string {
  const folder = testFolder(test)
  chmodSync(folder, 0o755)
  return folder
}

test('a command runs as another user, who has nothing left of the daemon', needsRoot, async (t) => {
  const script = 'id -un; id -gn; id -G; echo "$HOME $USER $LOGNAME $SHELL"; grep CapEff /proc/self/status'
  const path = writeCommand({ folder: openFolder(t), name: 'who', script })
  const { result, stdout } = await finished({ path, environment, runAs: nobody })
  t.same(result, { kind: 'exited', code: 0 })
  t.same(stdout.split('\n').slice(0, 3), ['nobody', 'nogroup', '65534'])
  t.match(stdout, '/nonexistent nobody nobody /usr/sbin/nologin\nCapEff:\t0000000000000000\n')
})

test('a command runs in the groups that were asked for', needsRoot, async (t) => {
  const path = writeCommand({ folder: openFolder(t), name: 'groups', script: 'id -un; id -gn; id -G' })
  const cases: [runAs: Executable['runAs'], printed: string][] = [
    [{ user: '65534', group: 'daemon' }, 'nobody\ndaemon\n1\n'],
    [{ user: 'nobody', groups: ['daemon', '3'] }, 'nobody\nnogroup\n65534 1 3\n'],
    [{ user: 'nobody', group: 'sys', groups: [] }, 'nobody\nsys\n3\n'],
    [{ user: 'root', groups: ['daemon'] }, 'root\nroot\n0 1\n'],
  ]
  for (const [runAs, printed] of cases)
    t.equal((await finished({ path, environment, runAs })).stdout, printed, JSON.stringify(runAs))
})

test('no exit status or argument is lost on the way through the tools', needsRoot, async (t) => {
  const script = 'printf "[%s]" "$@"; exit 127'
  const path = writeCommand({ folder: openFolder(t), name: 'exit-127', script })
  const runAs = { user: 'nobody', groups: ['daemon'] }
  const args = ['--help', '', 'a b', '--', 'line\nline']
  const limits = { nice: 5, memoryBytesMax: 2 ** 30, cpuSecondsMax: 5 }
  const { result, stdout, stderr } = await finished({ path, args, environment, runAs, ...limits })
  t.same(result, { kind: 'exited', code: 127 })
  t.same([stdout, stderr], ['[--help][][a b][--][line\nline]', ''])
})

test('a command of another user is ended with its group', needsRoot, async (t) => {
  const path = writeCommand({
    folder: openFolder(t),
    name: 'stay',
    script: 'echo ready; sleep 60 & exec sleep 60',
  })
  const running = await started({ path, environment, runAs: { user: 'nobody', groups: ['daemon'] } })
  await untilPrinted(running, 'ready')
  running.stop()
  t.same(await running.ended, { kind: 'signalled', signal: 'SIGTERM' })
})

test('a command that its user may not run says so, and names no path', needsRoot, async (t) => {
  const folder = openFolder(t)
  const closed = join(folder, 'closed')
  mkdirSync(closed, { mode: 0o700 })
  const interpreter = join(folder, 'interpreter')
  copyFileSync('/bin/sh', interpreter)
  chmodSync(interpreter, 0o700)
  const write = (name: string, text: string, mode = 0o755): string => {
    writeFileSync(join(folder, name), text, { mode })
    return join(folder, name)
  }
  const cases: [path: string, reason: string][] = [
    [write('private', '#!/bin/sh\n', 0o700), 'its user "nobody" may not execute it, or not enter its folder'],
    [
      writeCommand({ folder: closed, name: 'hidden', script: '' }),
      'its user "nobody" may not execute it, or not enter its folder',
    ],
    [write('unreadable', '#!/bin/sh\n', 0o711), 'its user "nobody" may not read it, which a script needs'],
    [write('strange', `#!${interpreter}\n`), 'its user "nobody" may not execute its interpreter'],
    [write('absent', '#!/does/not/exist\n'), 'its interpreter does not exist; look at its first line'],
  ]
  for (const [path, reason] of cases)
    for (const groups of [[], ['daemon']])
      t.same(
        await attempted({ path, runAs: { ...nobody, groups } }),
        { kind: 'failed-to-start', reason },
        path,
      )
})

test('a command under limits that cannot be started says why as any other', async (t) => {
  const path = writeCommand({ folder: testFolder(t), name: 'not-executable', script: '', mode: 0o644 })
  const cases: [Partial<Executable> & { path: string }, reason: string][] = [
    [{ path }, 'it is not executable, or its file system is mounted noexec'],
    [{ path: '/bin/true', args: ['x'.repeat(200_000)] }, 'its arguments are too long for the kernel'],
    [{ path: '/bin/true', args: ['\0'] }, 'an argument holds a NUL, which no program can be given'],
  ]
  for (const [wanted, reason] of cases)
    t.same(await attempted({ ...wanted, cpuSecondsMax: 5 }), { kind: 'failed-to-start', reason })
})

test('what cannot be enforced is not run', needsRoot, async (t) => {
  const busybox = testFolder(t)
  for (const name of ['getent', 'id', 'nice']) symlinkSync(`/usr/bin/${name}`, join(busybox, name))
  writeFileSync(join(busybox, 'busybox'), '', { mode: 0o755 })
  for (const name of ['setpriv', 'prlimit']) symlinkSync(join(busybox, 'busybox'), join(busybox, name))
  const groups = 'setpriv is needed to run it as "nobody" with its groups; install util-linux'
  const limits = 'prlimit is needed to limit its memory and processor time; install util-linux'
  const cases: [Partial<Executable>, toolFolders: readonly string[], reason: string][] = [
    [{ runAs: { user: 'nobody', groups: ['daemon'] } }, [busybox], groups],
    [{ runAs: nobody, nice: -5 }, [busybox], groups],
    [{ memoryBytesMax: 2 ** 30 }, [busybox], limits],
    [{ cpuSecondsMax: 1 }, [], limits],
    [{ nice: 5 }, [], 'the tool nice is needed to run it with nice 5; install coreutils'],
    [{ runAs: { user: 'ghost' } }, [busybox], 'it shall run as the user "ghost", who is not known here'],
  ]
  for (const [asked, toolFolders, reason] of cases) {
    const wanted = { path: '/bin/true', args: [], environment, folder: '/', hasStdin: false, ...asked }
    t.same(await startExecutable(wanted, { ...parts, toolFolders }), { kind: 'failed-to-start', reason })
  }
})

test('a user without groups needs no tool', needsRoot, async (t) => {
  const folder = testFolder(t)
  symlinkSync('/usr/bin/id', join(folder, 'id'))
  const wanted = { path: '/bin/true', args: [], environment, folder: '/', hasStdin: false, runAs: nobody }
  const running = await startExecutable(wanted, { ...parts, toolFolders: [folder] })
  t.match('ended' in running ? await running.ended : running, { kind: 'exited', code: 0 })
})

test('a daemon that is not root says what it cannot do', needsRoot, (t) => {
  const daemon = `
    import { systemClock } from '${import.meta.resolve('../clock.js')}'
    import { startByFork } from '${import.meta.resolve('./fork.js')}'
    import { startExecutable } from '${import.meta.resolve('./runner.js')}'
    for (const asked of [{ runAs: { user: 'root' } }, { nice: -1 }, { runAs: { user: 'nobody' } }]) {
      const wanted = { path: '/bin/true', args: [], environment: {}, folder: '/', hasStdin: false, ...asked }
      const running = await startExecutable(wanted, { clock: systemClock, startProcess: startByFork })
      console.log('ended' in running ? (await running.ended).code : running.reason)
    }`
  const uid = 65534
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', daemon], {
    uid,
    gid: uid,
    cwd: '/',
    env: {},
  })
  t.same(printed.toString().trimEnd().split('\n'), [
    'it shall run as the user "root", which only a daemon that runs as root can do',
    `it shall run with nice -1, and only root may go below ${getPriority()}`,
    '0',
  ])
  t.end()
})

test('a setpriv that fails is not taken for the command', needsRoot, async (t) => {
  const folder = testFolder(t)
  for (const name of ['getent', 'id']) symlinkSync(`/usr/bin/${name}`, join(folder, name))
  writeCommand({ folder, name: 'setpriv', script: 'echo "setpriv: no" >&2; exit 127' })
  const runAs = { user: 'nobody', groups: ['daemon'] }
  const wanted = { path: '/bin/true', args: [], environment, folder: '/', hasStdin: false, runAs }
  const reason = "the daemon may not run it as another user; that takes root's rights"
  t.same(await startExecutable(wanted, { ...parts, toolFolders: [folder] }), {
    kind: 'failed-to-start',
    reason,
  })
})

test('nice is what was asked for', async (t) => {
  const path = '/usr/bin/nice'
  t.equal((await finished({ path, environment, nice: getPriority() + 7 })).stdout, `${getPriority() + 7}\n`)
  t.equal((await finished({ path, environment, nice: getPriority() })).stdout, `${getPriority()}\n`)
})

test('nice goes below zero before the user changes', needsRoot, async (t) => {
  const { stdout } = await finished({ path: '/usr/bin/nice', environment, nice: -3, runAs: nobody })
  t.equal(stdout, '-3\n')
})

test('memory and processor time are limited in the command itself', async (t) => {
  const script = 'grep -e "address space" -e "cpu time" /proc/self/limits | tr -s " "'
  const path = writeCommand({ folder: testFolder(t), name: 'print-limits', script })
  const { stdout } = await finished({ path, environment, memoryBytesMax: 2 ** 30, cpuSecondsMax: 10 })
  t.match(stdout, 'Max cpu time 10 11 seconds')
  t.match(stdout, 'Max address space 1073741824 1073741824 bytes')
})

test('a command that needs more memory than it may have fails by itself', async (t) => {
  const script = "exec python3 -c 'x = bytearray(512 << 20)' 2>&1"
  const path = writeCommand({ folder: testFolder(t), name: 'grow', script })
  const limited = await finished({
    path,
    environment: process.env as Record<string, string>,
    memoryBytesMax: 256 << 20,
  })
  t.same(limited.result, { kind: 'exited', code: 1 })
  t.match(limited.stdout, 'MemoryError')
})

test('a command that has used up its processor time is told, then killed', async (t) => {
  const folder = testFolder(t)
  const spin = writeCommand({ folder, name: 'spin', script: 'while :; do :; done' })
  const deaf = writeCommand({ folder, name: 'spin-on', script: 'trap "" XCPU; while :; do :; done' })
  const [told, killed] = await Promise.all(
    [spin, deaf].map(async (path) => (await finished({ path, environment, cpuSecondsMax: 1 })).result),
  )
  t.same(told, { kind: 'signalled', signal: 'SIGXCPU' })
  t.same(killed, { kind: 'signalled', signal: 'SIGKILL' })
})
