/**
 * Starts processes as Node does: by a fork of the daemon, which takes the longer the larger the daemon is.
 * Floor 4. It needs nothing that Node has not, and can make the process another user's.
 */
import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import type { Result } from '../wire/result.js'
import { systemRefusal } from './start-refusals.js'
import type { ProcessStart, StartedProcess } from './started-process.js'

type Child = ChildProcessByStdio<Writable | null, Readable, Readable>

/** @see StartProcess */
export async function startByFork(start: ProcessStart): Promise<StartedProcess | Result> {
  const child = forked(start)
  if ('kind' in child) return child
  const { pid: id, stdin, stdout, stderr } = child
  if (id === undefined) return refusalOf(await errorOf(child))
  return { id, stdin: stdin ?? undefined, stdout, stderr, ended: endOf(child) }
}

/** What fails for good is thrown by Node, what may pass is told by an event. */
function forked({ words, environment, folder, hasStdin, ids }: ProcessStart): Child | Result {
  const [program, ...args] = words
  try {
    return spawn(program, args, {
      ...ids,
      env: { ...environment },
      cwd: folder,
      stdio: [hasStdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      detached: true,
    }) as Child
  } catch (error) {
    return refusalOf(error)
  }
}

async function errorOf(child: Child): Promise<unknown> {
  const [error] = (await once(child, 'error')) as [unknown]
  return error
}

async function endOf(child: Child): Promise<Result> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  return signal === null ? { kind: 'exited', code: code ?? 0 } : { kind: 'signalled', signal }
}

function refusalOf(error: unknown): Result {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return systemRefusal(typeof code === 'string' ? code : 'unknown error')
}
