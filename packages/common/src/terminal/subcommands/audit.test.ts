import { stat } from 'node:fs/promises'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { test } from 'tap'
import { auditLine } from '../../agent/audit-line.js'
import { testRecord } from '../../agent/test-records.js'
import { linesOf, TestAuditFile } from '../audit/test-audit-file.js'
import { runProgram } from '../program.js'
import { testProgram } from '../test-program.js'
import { testTerminal } from '../test-terminal.js'
import type { TestTerminal } from '../test-terminal.js'

/** What the commands were that a table tells of. */
function commandsOf(stdout: string): readonly (string | undefined)[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/)[3])
}

test('audit prints a heading and a line for each call', async (t) => {
  const file = new TestAuditFile(t)
  file.add(linesOf('one', 'two'))
  const { code, stdout, stderr } = await testProgram({ root: file.root }, 'audit')
  t.same([code, stderr], [0, ''])
  t.same(commandsOf(stdout), ['COMMAND', 'one [arguments c0ffee]', 'two [arguments c0ffee]'])
})

test('audit --json prints the lines of the file', async (t) => {
  const file = new TestAuditFile(t)
  file.add(linesOf('one', 'two'))
  t.match(await testProgram({ root: file.root }, 'audit', '--json'), {
    code: 0,
    stdout: linesOf('one', 'two'),
  })
})

test('audit shows the calls that are asked for', async (t) => {
  const file = new TestAuditFile(t)
  const calls = [
    { command: 'old', startedMs: 0 },
    { command: 'denied', result: { kind: 'denied', reason: 'no' } },
    { command: 'db', target: { name: 'db1' } },
    { command: 'alice', caller: { name: 'user:alice' } },
  ] as const
  file.add(calls.map((call) => auditLine(testRecord({ startedMs: Date.now(), ...call }))).join(''))
  const shown = async (...args: readonly string[]): Promise<unknown> => {
    const { stdout } = await testProgram({ root: file.root }, 'audit', '--json', ...args)
    return [...stdout.matchAll(/"command":"(\w+)"/g)].map(([, name]) => name)
  }
  t.same(await shown('--since', '1h'), ['denied', 'db', 'alice'])
  t.same(await shown('--result', 'denied'), ['denied'])
  t.same(await shown('--target', 'db1'), ['db'])
  t.same(await shown('--caller', 'user:alice'), ['alice'])
  t.same(await shown('--command', 'old'), ['old'])
  t.same(await shown('-n', '2'), ['db', 'alice'])
  t.same(await shown('--command', 'none'), [])
})

test('audit says that there is no file, that none is kept, and what an option takes', async (t) => {
  const file = new TestAuditFile(t)
  t.match(await testProgram({ root: file.root }, 'audit'), {
    code: 125,
    stdout: '',
    stderr: `negotiator-host: Cannot read the audit log "${file.path}": there is no such file; the daemon makes it when it starts\n`,
  })
  mkdirSync(join(file.root, 'etc/negotiator'), { recursive: true })
  writeFileSync(join(file.root, 'etc/negotiator/host.toml'), 'audit-file = ""\n')
  t.match(await testProgram({ root: file.root }, 'audit'), {
    code: 125,
    stdout: '',
    stderr:
      'negotiator-host: Cannot read the audit log: none is kept, for "audit-file" is "" in the configuration; ' +
      'take that line out and restart the daemon\n',
  })
  t.match(await testProgram({ root: file.root }, 'audit', '--result', 'deny'), {
    code: 125,
    stderr: /^negotiator-host: Cannot look for the result "deny": there is no such kind; there are exited, /,
  })
})

test('audit exits with 125 when a part of the log is missing from what it tells', async (t) => {
  const file = new TestAuditFile(t)
  writeFileSync(`${file.path}.1.gz`, 'no gzip')
  file.add(linesOf('one'))
  const { code, stdout, stderr } = await testProgram({ root: file.root }, 'audit')
  t.equal(code, 125)
  t.match(commandsOf(stdout), ['COMMAND', /^one/])
  t.match(
    stderr,
    /^negotiator-host: Cannot read ".*\.1\.gz": Z_DATA_ERROR; the calls in it are missing here\n$/,
  )
})

interface Followed {
  readonly terminal: TestTerminal
  readonly code: Promise<number>
}

function followed(
  file: TestAuditFile,
  { stdout, args = [] }: { stdout?: Writable; args?: string[] } = {},
): Followed {
  const terminal = testTerminal(stdout === undefined ? {} : { stdout })
  const output = { stdout: () => undefined, stderr: () => undefined }
  const startDaemon = async (): Promise<never> => await Promise.reject(new Error('no daemon was wanted'))
  const shippedPolicy = async (): Promise<undefined> => await Promise.resolve(undefined)
  const options = { side: 'host', terminal, output, isInteractive: true, startDaemon, shippedPolicy } as const
  return { terminal, code: runProgram(options, ['--root', file.root, 'audit', '--follow', ...args]) }
}

test('audit --follow shows the last ten, goes on across rotation, and ends well at Ctrl-C', async (t) => {
  const file = new TestAuditFile(t)
  file.add(linesOf(...Array.from({ length: 12 }, (_, number) => `call-${number}`)))
  const { terminal, code } = followed(file)
  await terminal.untilPrinted('call-11')
  t.notMatch(terminal.printed(), 'call-1 ')
  t.match(terminal.printed(), 'call-2 ')
  file.add(linesOf('next'))
  await terminal.untilPrinted('next')
  file.rotate()
  file.add(linesOf('rotated'))
  await terminal.untilPrinted('rotated')
  terminal.interrupt()
  t.equal(await code, 0)
  t.equal(terminal.listenerCount(), 0)
})

test('audit --follow -n 0 shows what comes only', async (t) => {
  const file = new TestAuditFile(t)
  file.add(linesOf('old'))
  const { terminal, code } = followed(file, { args: ['-n', '0'] })
  while (!terminal.printed().includes('new')) {
    file.add(linesOf('new'))
    await new Promise((resolve) => setImmediate(resolve))
  }
  terminal.interrupt()
  t.equal(await code, 0)
  t.notMatch(terminal.printed(), 'old')
})

test('audit --follow ends when nobody reads it any more, as any program does', async (t) => {
  const file = new TestAuditFile(t)
  file.add(linesOf('one'))
  const left = Object.assign(new Error('broken pipe'), { code: 'EPIPE' })
  let tellWritten = (): void => undefined
  const written = new Promise<void>((resolve) => (tellWritten = resolve))
  const stdout = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (chunk.includes(' one ')) tellWritten()
      done(chunk.includes(' two ') ? left : undefined)
    },
  })
  const { code } = followed(file, { stdout })
  await written
  file.add(linesOf('two'))
  t.equal(await code, 141)
  // A watch that was left would keep the program from ending.
  for (let round = 0; round < 50; round += 1) await stat('/')
  t.notOk(process.getActiveResourcesInfo().includes('FSEventWrap'))
})
