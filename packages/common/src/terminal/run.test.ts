import { PassThrough, Readable, Writable } from 'node:stream'
import { test } from 'tap'
import type { CatalogueEntry } from '../call/catalogue.js'
import { lifeline } from '../process/test-processes.js'
import { systemClock } from '../clock.js'
import type { Client } from '../control/client.js'
import { UsageError } from '../errors.js'
import { writeCommand } from '../test-folder.js'
import { runFromTerminal } from './run.js'
import type { Terminal } from './run.js'
import { testDaemons } from './test-daemons.js'
import { testTerminal } from './test-terminal.js'

const run = { target: 'web1', args: [] as readonly string[], hasStdin: false }

/** Waits until the daemon knows that the guest has a command. */
async function untilListed(client: Client): Promise<void> {
  const isListed = (commands: readonly CatalogueEntry[]): boolean => commands.length > 0
  for await (const commands of client.watchCommands('web1')) if (isListed(commands)) return
}

test("a remote command has the terminal's streams and gives its exit status", async (t) => {
  const { guest, connect } = await testDaemons(t)
  writeCommand({ folder: guest.folder, name: 'use-all', script: 'cat; echo "$*" >&2; exit 3' })
  const terminal = testTerminal({ stdin: Readable.from([Buffer.from('in\n')]) })
  const client = await connect()
  const code = await runFromTerminal(client, {
    terminal,
    run: { ...run, command: 'use-all', args: ['a b'], hasStdin: true },
  })
  t.same([code, terminal.printed(), terminal.complained()], [3, 'in\n', 'a b\n'])
})

test('standard input is left alone unless it is wanted', async (t) => {
  const { guest, connect } = await testDaemons(t)
  writeCommand({ folder: guest.folder, name: 'echo-all', script: 'exec cat' })
  const stdin = Readable.from([Buffer.from('for somebody else')])
  const terminal = testTerminal({ stdin })
  t.equal(await runFromTerminal(await connect(), { terminal, run: { ...run, command: 'echo-all' } }), 0)
  t.equal(terminal.printed(), '')
  t.equal(String(await stdin.toArray()), 'for somebody else')
})

test('a command that reads nothing ends although standard input does not', async (t) => {
  const { guest, connect } = await testDaemons(t)
  writeCommand({ folder: guest.folder, name: 'hello', script: 'echo hello' })
  const terminal = testTerminal({ stdin: new PassThrough() })
  t.equal(
    await runFromTerminal(await connect(), { terminal, run: { ...run, command: 'hello', hasStdin: true } }),
    0,
  )
  t.equal(terminal.printed(), 'hello\n')
})

test('output is binary and complete, and the terminal stays open', async (t) => {
  const { guest, connect } = await testDaemons(t)
  writeCommand({ folder: guest.folder, name: 'print-zeroes', script: 'head -c 1000000 /dev/zero' })
  let received = 0
  const stdout = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      received += chunk.length
      setImmediate(done)
    },
  })
  const terminal = testTerminal({ stdout })
  t.equal(await runFromTerminal(await connect(), { terminal, run: { ...run, command: 'print-zeroes' } }), 0)
  t.notOk(stdout.writableEnded)
  await new Promise<void>((resolve) => stdout.end(resolve))
  t.equal(received, 1_000_000)
})

test('what goes wrong is said in one line, with the status for it', async (t) => {
  const { guest, connect } = await testDaemons(t)
  writeCommand({ folder: guest.folder, name: 'wait', script: 'exec sleep 60' })
  writeCommand({ folder: guest.folder, name: 'refused', script: 'exit 0', mode: 0o644 })
  const client = await connect()
  const attempt = async (
    options: Partial<Parameters<typeof runFromTerminal>[1]['run']>,
  ): Promise<unknown[]> => {
    const terminal = testTerminal()
    const code = await runFromTerminal(client, { terminal, run: { ...run, command: 'wait', ...options } })
    return [code, terminal.complained(), terminal.printed()]
  }
  const refused = 'refused on web1: failed-to-start: it is not executable; chmod +x it\n'
  t.same(await attempt({ command: 'refused' }), [126, refused, ''])
  const late = /^wait on web1: timed-out: the command was ended after \d+ ms\n$/
  t.match(await attempt({ timeoutMs: 20 }), [124, late, ''])
  const nowhere = 'wait on web2: unreachable: there is no "web2" here; did you mean "web1"?\n'
  t.same(await attempt({ target: 'web2' }), [125, nowhere, ''])
})

test('a mistyped command gets a suggestion', async (t) => {
  const { guest, connect } = await testDaemons(t)
  writeCommand({ folder: guest.folder, name: 'find-disk-usage', script: 'exit 0' })
  const client = await connect()
  await untilListed(client)
  const terminal = testTerminal()
  t.equal(await runFromTerminal(client, { terminal, run: { ...run, command: 'find-disk-usgae' } }), 127)
  const sentence = 'unknown-command: there is no command of this name; did you mean "find-disk-usage"?'
  t.equal(terminal.complained(), `find-disk-usgae on web1: ${sentence}\n`)
  const other = testTerminal()
  t.equal(await runFromTerminal(client, { terminal: other, run: { ...run, command: 'reboot' } }), 127)
  t.equal(
    other.complained(),
    'reboot on web1: unknown-command: there is no command of this name; the subcommand `commands` lists what can be called\n',
  )
})

test('Ctrl-C ends the command and all of its processes', async (t) => {
  const { path, gone } = lifeline(t)
  const { guest, connect } = await testDaemons(t)
  writeCommand({ folder: guest.folder, name: 'wait', script: 'exec 3>"$1"; sleep 60 & echo ready; wait' })
  const terminal = testTerminal()
  const code = runFromTerminal(await connect(), { terminal, run: { ...run, command: 'wait', args: [path] } })
  await terminal.untilPrinted('ready')
  terminal.interrupt()
  t.equal(await code, 130)
  t.equal(terminal.complained(), 'wait on web1: cancelled: the caller left\n')
  await gone
  t.equal(terminal.listenerCount(), 0, "Ctrl-C is the shell's again")
})

test('a second Ctrl-C does not wait for a command that ignores the first', async (t) => {
  const { guest, connect } = await testDaemons(t)
  writeCommand({
    folder: guest.folder,
    name: 'ignore-all',
    script: 'trap "" TERM INT; echo ready; while :; do sleep 1; done',
  })
  const terminal = testTerminal()
  const code = runFromTerminal(await connect(), { terminal, run: { ...run, command: 'ignore-all' } })
  await terminal.untilPrinted('ready')
  terminal.interrupt()
  terminal.interrupt()
  t.equal(await code, 130)
  t.equal(terminal.complained(), 'ignore-all on web1: cancelled: you left before the command had ended\n')
})

test('a reader of the output that has left ends the command', async (t) => {
  const { path, gone } = lifeline(t)
  const { guest, connect } = await testDaemons(t)
  writeCommand({
    folder: guest.folder,
    name: 'print-for-ever',
    script: 'exec 3>"$1"; while :; do echo more; done',
  })
  const stdout = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('EPIPE'), { code: 'EPIPE' })),
  })
  const terminal: Terminal = testTerminal({ stdout })
  const ended = runFromTerminal(await connect(), {
    terminal,
    run: { ...run, command: 'print-for-ever', args: [path] },
  })
  await t.rejects(ended, { name: 'SystemError', code: 'reader-left' })
  await gone
})

test('an output that cannot be written says why', async (t) => {
  const { guest, connect } = await testDaemons(t)
  writeCommand({ folder: guest.folder, name: 'hello', script: 'echo hello' })
  const stdout = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })),
  })
  const ended = runFromTerminal(await connect(), {
    terminal: testTerminal({ stdout }),
    run: { ...run, command: 'hello' },
  })
  await t.rejects(ended, { code: 'output-failed', message: 'Cannot write the output: ENOSPC' })
})

test('what the other side says of its failure cannot drive the terminal', async (t) => {
  const { toGuest, connect } = await testDaemons(t)
  t.capture(toGuest, 'open', () => {
    throw new UsageError('\u001b[2J', { code: 'not-ready' })
  })
  const terminal = testTerminal()
  t.equal(await runFromTerminal(await connect(), { terminal, run: { ...run, command: 'hello' } }), 125)
  t.equal(terminal.complained(), 'hello on web1: unreachable: \\x1b[2J\n')
})

test('a timed call tells where its time went, each daemon its own stages', async (t) => {
  const { guest, connect } = await testDaemons(t)
  writeCommand({ folder: guest.folder, name: 'hello', script: 'echo hello' })
  const terminal = testTerminal()
  const timedSinceMs = systemClock.now()
  t.equal(
    await runFromTerminal(await connect(), { terminal, run: { ...run, command: 'hello', timedSinceMs } }),
    0,
  )
  t.equal(terminal.printed(), 'hello\n')
  const rows = terminal.complained().trimEnd().split('\n')
  const stages = rows.map((row) => row.replace(/ +[\d.]+$/, ''))
  t.same(stages, [
    'STAGE                                                  MS',
    'connect to the daemon',
    'host: wait in line',
    'host: decide',
    'host to guest and back',
    'guest: wait in line',
    'guest: decide',
    'guest: start',
    'guest: run',
    'request and answer between program and daemon',
    'all',
  ])
  const times = rows.slice(1).map((row) => Number(row.split(' ').at(-1)))
  t.ok(
    times.every((ms) => ms >= 0),
    times.join(' '),
  )
  const sum = times.slice(0, -1).reduce((total, ms) => total + ms, 0)
  t.ok(Math.abs(sum - (times.at(-1) ?? 0)) < 1, `${sum}: the stages are the whole`)
})

test('a timed call that was denied tells as much as there was', async (t) => {
  const { connect } = await testDaemons(t)
  const terminal = testTerminal()
  const timedSinceMs = systemClock.now()
  await runFromTerminal(await connect(), { terminal, run: { ...run, command: 'missing', timedSinceMs } })
  t.match(
    terminal.complained(),
    /^missing on web1: unknown-command.*\nSTAGE[^]*guest: decide +[\d.]+\nrequest/,
  )
})

test('a call that is not timed has no timings, in its result and in the audit log', async (t) => {
  const { host, guest, connect } = await testDaemons(t)
  writeCommand({ folder: guest.folder, name: 'hello', script: 'echo hello' })
  const client = await connect()
  t.notOk('timings' in (await client.run({ target: 'web1', command: 'hello' })))
  const { timings } = await client.run({ target: 'web1', command: 'hello' }, { isTimed: true })
  t.match(timings, [{ side: 'host' }, { side: 'guest' }])
  t.same(
    [...host.audit.records, ...guest.audit.records].filter(({ result }) => 'timings' in result),
    [],
  )
})
