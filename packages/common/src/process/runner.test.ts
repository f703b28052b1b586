import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { testFolder, writeCommand } from '../test-folder.js'
import { attempted, bytesOf, finished, started } from './test-processes.js'

test("a command has the environment that it is given, and nothing of the daemon's", (t) => {
  const daemon = `
    import { systemClock } from '${import.meta.resolve('../clock.js')}'
    import { openStartProcess } from '${import.meta.resolve('./open-start-process.js')}'
    import { startExecutable } from '${import.meta.resolve('./runner.js')}'
    const startProcess = await openStartProcess()
    const environment = { PATH: '/bin', NEGOTIATOR_CALLER: 'web1' }
    const running = await startExecutable({ path: '/usr/bin/env', args: [], environment, folder: '/' }, { clock: systemClock, startProcess })
    running.stdout.pipe(process.stdout)`
  // A process of its own, for tap gives all that a test starts more variables.
  const printed = execFileSync('env', [
    '-i',
    'SECRET=1',
    process.execPath,
    '--input-type=module',
    '--eval',
    daemon,
  ])
  t.equal(printed.toString(), 'PATH=/bin\nNEGOTIATOR_CALLER=web1\n')
  t.end()
})

test('a command gets its arguments byte for byte', async (t) => {
  const folder = testFolder(t)
  const path = writeCommand({
    folder,
    name: 'print-arguments',
    script: 'for each; do printf "%s\\0" "$each"; done',
  })
  const args = [
    '',
    ' ',
    'a b',
    '-rf',
    '--',
    '$(reboot)',
    '"\'`\\',
    '*',
    'new\nline',
    'Grüße 世界',
    '\u001b[2J',
    'x'.repeat(100_000),
  ]
  const { stdout } = await finished({ path, args })
  t.same(stdout.split('\0').slice(0, -1), args)
})

test('a command runs in the folder that it is told, in a session of its own', async (t) => {
  const folder = realpathSync(testFolder(t))
  const path = writeCommand({ folder, name: 'print-session', script: 'pwd; ps -o sid=,tty= -p $$; echo $$' })
  const { stdout } = await finished({ path, folder, environment: { PATH: '/usr/bin:/bin' } })
  const [where, session, id] = stdout.trimEnd().split('\n')
  t.equal(where, folder)
  t.match(session, new RegExp(`^ *${String(id)} +\\?`))
})

test('a command has no descriptors but the three standard ones', async (t) => {
  const path = writeCommand({ folder: testFolder(t), name: 'print-descriptors', script: 'ls /proc/$$/fd' })
  const { stdout } = await finished({ path, environment: { PATH: '/bin' } })
  // The shell reads its script through a descriptor of 10 or above.
  t.same(
    stdout.split('\n').filter((descriptor) => descriptor !== '' && Number(descriptor) < 10),
    ['0', '1', '2'],
  )
})

test('standard input and output carry any bytes, in any amount', async (t) => {
  const sent = randomBytes(3 * 1024 * 1024 + 7)
  const running = await started({ path: '/bin/cat', hasStdin: true })
  running.stdin?.end(sent)
  const [received, result] = await Promise.all([bytesOf(running.stdout), running.ended])
  t.ok(received.equals(sent))
  t.same(result, { kind: 'exited', code: 0 })
})

test('standard error arrives apart from standard output', async (t) => {
  const path = writeCommand({ folder: testFolder(t), name: 'print-both', script: 'echo out; echo err >&2' })
  const { stdout, stderr } = await finished({ path })
  t.same({ stdout, stderr }, { stdout: 'out\n', stderr: 'err\n' })
})

test('without standard input a command reads an empty one', async (t) => {
  const running = await started({ path: '/bin/cat' })
  t.equal(running.stdin, undefined)
  t.equal((await bytesOf(running.stdout)).length, 0)
})

test('a command need not read its input', async (t) => {
  const running = await started({ path: '/bin/true', hasStdin: true })
  running.stdin?.on('error', () => undefined)
  running.stdin?.end(Buffer.alloc(1024 * 1024))
  t.same(await running.ended, { kind: 'exited', code: 0 })
})

test('the exit status arrives as it is', async (t) => {
  const path = writeCommand({ folder: testFolder(t), name: 'exit-with', script: 'exit "$1"' })
  for (const code of [0, 1, 3, 64, 127, 128, 255]) {
    const { result } = await finished({ path, args: [String(code)] })
    t.same(result, { kind: 'exited', code })
  }
})

test('a death by a signal arrives as it is', async (t) => {
  const path = writeCommand({ folder: testFolder(t), name: 'kill-itself', script: 'kill -s "$1" $$' })
  for (const signal of ['KILL', 'TERM', 'SEGV', 'HUP']) {
    const { result } = await finished({ path, args: [signal] })
    t.same(result, { kind: 'signalled', signal: `SIG${signal}` })
  }
})

test('a command that cannot be started says why', async (t) => {
  const folder = testFolder(t)
  const write = (name: string, content: string, mode = 0o755): string => {
    const path = join(folder, name)
    writeFileSync(path, content, { mode })
    return path
  }
  const noInterpreter = 'its interpreter does not exist; look at its first line'
  const noProgram = 'it is neither a program nor a script with a #! line'
  const cases: [Parameters<typeof attempted>[0], reason: string][] = [
    [{ path: write('no-interpreter', '#!/does/not/exist\n') }, noInterpreter],
    [{ path: write('line-ends-of-windows', '#!/bin/sh\r\nexit 0\r\n') }, noInterpreter],
    [{ path: join(folder, 'absent') }, noInterpreter],
    [{ path: write('no-first-line', 'echo a shell would run this\n') }, noProgram],
    [{ path: write('empty', '') }, noProgram],
    [
      { path: write('not-executable', '#!/bin/sh\n', 0o644) },
      'it is not executable, or its file system is mounted noexec',
    ],
    [{ path: '/bin/true', args: ['x'.repeat(200_000)] }, 'its arguments are too long for the kernel'],
    [{ path: '/bin/true', args: ['a\0b'] }, 'an argument holds a NUL, which no program can be given'],
  ]
  for (const [wanted, reason] of cases) {
    t.same(await attempted(wanted), { kind: 'failed-to-start', reason }, wanted.path)
  }
})
