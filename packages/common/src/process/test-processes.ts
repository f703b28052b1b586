/**
 * Executables as tests start and watch them.
 * Floor 4, for tests. They run on the machine's clock unless told otherwise.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { systemClock } from '../clock.js'
import type { Clock } from '../clock.js'
import { testFolder } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'
import type { Result } from '../wire/result.js'
import { openStartProcess } from './open-start-process.js'
import { startExecutable } from './runner.js'
import type { Executable, RunningCommand } from './runner.js'

type Wanted = Partial<Executable> & { readonly path: string; readonly clock?: Clock }

/** Tries to start an executable. */
export async function attempted({
  clock = systemClock,
  ...executable
}: Wanted): Promise<RunningCommand | Result> {
  return await startExecutable(
    { args: [], environment: {}, folder: '/', hasStdin: false, ...executable },
    { clock, startProcess: await openStartProcess() },
  )
}

/** Starts an executable; fails when it does not start. */
export async function started(wanted: Wanted): Promise<RunningCommand> {
  const running = await attempted(wanted)
  if ('kind' in running) throw new Error(`did not start: ${JSON.stringify(running)}`)
  return running
}

/** Runs an executable to its end. */
export async function finished(wanted: Wanted): Promise<{ result: Result; stdout: string; stderr: string }> {
  const running = await started(wanted)
  const [stdout, stderr, result] = await Promise.all([
    bytesOf(running.stdout),
    bytesOf(running.stderr),
    running.ended,
  ])
  return { result, stdout: stdout.toString(), stderr: stderr.toString() }
}

/** All that a stream gives. */
export async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => void chunks.push(chunk))
  await new Promise((resolve) => stream.once('close', resolve))
  return Buffer.concat(chunks)
}

/** Waits until a command has printed `text`; its outputs are read on from then on. */
export async function untilPrinted(running: RunningCommand, text: string): Promise<void> {
  let printed = ''
  running.stderr.resume()
  await new Promise<void>((resolve) => {
    running.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
      if (printed.includes(text)) resolve()
    })
  })
}

/**
 * A pipe by whose end a test sees that processes are gone: they open it with `exec 3>PATH` and never close it.
 * @returns its `path`, and a promise of the end of the last process that has it open
 */
export function lifeline(test: Teardown): { path: string; gone: Promise<unknown> } {
  const path = join(testFolder(test), 'lifeline')
  execFileSync('mkfifo', [path])
  const reader = spawn('cat', [path], { stdio: 'ignore' })
  test.teardown(() => reader.kill())
  return { path, gone: once(reader, 'exit') }
}
