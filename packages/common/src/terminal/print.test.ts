import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { test } from 'tap'
import { json, processOutput, table } from './print.js'
import { testDaemons } from './test-daemons.js'
import { writeCommand } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'

test('table() makes columns as wide as their widest cell, two blanks apart', (t) => {
  const rows = [
    ['NAME', 'STATE', 'UUID'],
    ['web1', 'ready', '-'],
    ['a-long-name', 'connecting', '6d1f'],
  ]
  t.equal(
    table(rows),
    'NAME         STATE       UUID\n' + 'web1         ready       -\n' + 'a-long-name  connecting  6d1f\n',
  )
  t.end()
})

test('table() of a heading alone is the heading', (t) => {
  t.equal(table([['NAME', 'STATE']]), 'NAME  STATE\n')
  t.equal(table([]), '')
  t.end()
})

test('table() shows what would drive a terminal, and keeps a row on its line', (t) => {
  t.equal(
    table([
      ['A', 'B'],
      ['\u001b[2J\n', 'x'],
    ]),
    'A            B\n\\x1b[2J\\x0a  x\n',
  )
  t.end()
})

test('json() is indented and ended', (t) => {
  t.equal(json({ a: [1] }), '{\n  "a": [\n    1\n  ]\n}\n')
  t.end()
})

test("processOutput writes to the process's own streams", (t) => {
  const stdout = t.capture(process.stdout, 'write', () => true)
  const stderr = t.capture(process.stderr, 'write', () => true)
  processOutput.stdout('to stdout')
  processOutput.stderr('to stderr')
  const written = [stdout(), stderr()].map((calls) => calls.map(({ args }) => args[0]))
  t.same(written, [['to stdout'], ['to stderr']])
  t.end()
})

/** The program in a process of its own, for it is about that process's streams. */
const program = `
  import { runProgram } from '${import.meta.resolve('./program.js')}'
  import { processOutput } from '${import.meta.resolve('./print.js')}'
  import { processTerminal } from '${import.meta.resolve('./process-terminal.js')}'
  const options = { side: 'host', terminal: processTerminal, output: processOutput, isInteractive: true }
  process.exitCode = await runProgram(options, process.argv.slice(1))`

interface ShellRun {
  readonly t: Teardown
  readonly root: string
  readonly args: string
  /** Where its output goes, in the shell's words. */
  readonly to: string
}

/** Runs the program in a shell. @returns its exit status, and what it said on standard error */
async function inShell({ t, root, args, to }: ShellRun): Promise<readonly [status: number, stderr: string]> {
  const line = `{ "$NODE" --input-type=module --eval "$PROGRAM" -- --root "$ROOT" ${args}; echo "$?" >&3; } ${to}`
  const child = spawn('sh', ['-c', `exec 3>&1; ${line}`], {
    env: { ...process.env, NODE: process.execPath, PROGRAM: program, ROOT: root },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return [Number(stdout), stderr]
}

test('a reader that leaves ends the program quietly, as SIGPIPE would a local one', async (t) => {
  const { guest, root } = await testDaemons(t)
  writeCommand({ folder: guest.folder, name: 'print-for-ever', script: 'while :; do echo more; done' })
  const cases: readonly (readonly [args: string, to: string])[] = [
    ['run web1 print-for-ever', '| head -1 >/dev/null'],
    ['commands web1', '| true'],
    ['status', '| true'],
    ['--help', '| true'],
    ['-c web1', '| true'],
  ]
  for (const [args, to] of cases) t.same(await inShell({ t, root, args, to }), [141, ''], `${args} ${to}`)
})

test('an output that cannot be written is said, with status 125', async (t) => {
  const { guest, root } = await testDaemons(t)
  writeCommand({ folder: guest.folder, name: 'hello', script: 'echo hello' })
  for (const [args, name] of [
    ['run web1 hello', 'negotiator-host: '],
    ['-e hello web1', 'negotiator-host: '],
    ['guests', ''],
  ] as const) {
    const said = `${name}Cannot write the output: ENOSPC\n`
    t.same(await inShell({ t, root, args, to: '>/dev/full' }), [125, said], args)
  }
})

test('json() leaves nothing that drives a terminal, and says the same', (t) => {
  const value = { name: '\u001b[31m\u007f\u009b31m\u202eé\u2066\u{1f600}' }
  const text = json(value)
  for (const unsafe of '\u001b\u007f\u009b\u202e\u2066') t.notOk(text.includes(unsafe))
  t.match(text, 'é')
  t.same(JSON.parse(text), value)
  t.end()
})
