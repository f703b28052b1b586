/**
 * Runs a tool of the machine. Never through a shell, with an environment that says nothing but where tools are and which words they use.
 */
import { execFile } from 'node:child_process'
import type { ExecFileException } from 'node:child_process'
import type { RunOptions, ToolResult } from './machine.js'

const environmentOfAll = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  // Words and numbers that programs can read, and UTF-8.
  LC_ALL: 'C.UTF-8',
}

/** A list of packages is the longest that is read: some 100 bytes for each. */
const outputBytesMax = 32 * 2 ** 20
const timeoutMsDefault = 10_000

/** @returns how it ended, or `undefined` when there is no such tool */
export async function runTool(
  file: string,
  args: readonly string[],
  { input = '', environment = {}, signal, timeoutMs = timeoutMsDefault }: RunOptions,
): Promise<ToolResult | undefined> {
  const options = {
    env: { ...environmentOfAll, ...environment },
    cwd: '/',
    signal,
    timeout: timeoutMs,
    // One that does not answer may not answer SIGTERM either.
    killSignal: 'SIGKILL',
    maxBuffer: outputBytesMax,
  } as const
  return await new Promise((resolve, reject) => {
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      if (error?.code === 'ENOENT') resolve(undefined)
      else if (error === null || isEnding(error)) resolve({ exitCode: exitCodeOf(error), stdout, stderr })
      else reject(new Error(`Cannot run "${file}": ${error.message}`, { cause: error }))
    })
    // It may end without reading all, which its status tells.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })
}

/** Whether the tool was run, and ended by itself or for taking too long. */
function isEnding(error: ExecFileException): boolean {
  return typeof error.code === 'number' || error.killed === true || typeof error.signal === 'string'
}

function exitCodeOf(error: ExecFileException | null): number | undefined {
  if (error === null) return 0
  return typeof error.code === 'number' ? error.code : undefined
}
