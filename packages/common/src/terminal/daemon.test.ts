import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'tap'
import { testFolder } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'
import { version } from '../version.js'

interface DaemonProcess {
  readonly child: ChildProcess
  /** Waits for the next line of the log that says so. */
  readonly logged: (message: string) => Promise<Record<string, unknown>>
  readonly ended: Promise<unknown[]>
}

/** Runs the program `daemon` in a process of its own, for it is about that process's signals. */
function daemonProcess(
  test: Teardown,
  { close = '', reload = '', args = [] as string[] } = {},
): DaemonProcess {
  const program = `
    import { runProgram } from '${import.meta.resolve('./program.js')}'
    import { processOutput } from '${import.meta.resolve('./print.js')}'
    import { processTerminal } from '${import.meta.resolve('./process-terminal.js')}'
    const alive = setInterval(() => undefined, 60_000)
    const startDaemon = async ({ config, log }) => {
      log.debug('Starting', { folder: config['channel-folder'] })
      log.error('Careful')
      return { reload: async () => { log.info('Reloading'); ${reload} }, close: async () => { log.info('Closing'); ${close}; clearInterval(alive) } }
    }
    const options = { side: 'guest', startDaemon, terminal: processTerminal, output: processOutput, isInteractive: false }
    process.exitCode = await runProgram(options, process.argv.slice(1))`
  const root = testFolder(test)
  const argv = ['--input-type=module', '--eval', program, '--', '--root', root, ...args, 'daemon']
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'inherit', 'pipe'] })
  test.teardown(() => child.kill('SIGKILL'))
  const lines: Record<string, unknown>[] = []
  let [rest, wake] = ['', (): void => undefined]
  child.stderr?.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts.map((line) => JSON.parse(line) as Record<string, unknown>))
    wake()
  })
  const logged = async (message: string): Promise<Record<string, unknown>> => {
    const line = lines.find((each) => each['message'] === message)
    if (line !== undefined) return line
    await new Promise<void>((resolve) => (wake = resolve))
    return await logged(message)
  }
  return { child, logged, ended: once(child, 'exit') }
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`the daemon closes in order at ${signal}, and exits with 0`, async (t) => {
    const { child, logged, ended } = daemonProcess(t)
    const started = await logged('Started')
    t.match(started, { level: 'info', version, socket: /run\/negotiator\/guest\.sock$/ })
    child.kill(signal)
    t.match(await logged('Stopping'), { signal })
    await logged('Closing')
    await logged('Stopped')
    t.same(await ended, [0, null])
  })
}

test('a second signal ends a daemon that cannot close', async (t) => {
  const { child, logged, ended } = daemonProcess(t, { close: 'await new Promise(() => undefined)' })
  await logged('Started')
  child.kill('SIGTERM')
  await logged('Closing')
  child.kill('SIGTERM')
  t.same(await ended, [1, null])
})

test('-v shows more of the log, -q only errors', async (t) => {
  const verbose = daemonProcess(t, { args: ['-v'] })
  await verbose.logged('Starting')
  await verbose.logged('Started')
  const quiet = daemonProcess(t, { args: ['-q'] })
  let printed = ''
  quiet.child.stderr?.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  await quiet.logged('Careful')
  quiet.child.kill('SIGTERM')
  await quiet.ended
  t.match(printed, /^[^\n]*Careful[^\n]*\n$/)
})

test('SIGHUP has the daemon reload, and ends nothing', async (t) => {
  const { child, logged, ended } = daemonProcess(t)
  await logged('Started')
  child.kill('SIGHUP')
  await logged('Reloading')
  await logged('Reloaded')
  child.kill('SIGTERM')
  t.same(await ended, [0, null])
})

test('a reload that fails is told, and ends nothing', async (t) => {
  const { child, logged, ended } = daemonProcess(t, { reload: "throw new Error('no disk')" })
  await logged('Started')
  child.kill('SIGHUP')
  t.match(await logged('Cannot reload; all stays as it was'), { level: 'error', reason: /no disk/ })
  child.kill('SIGTERM')
  t.same(await ended, [0, null])
})
