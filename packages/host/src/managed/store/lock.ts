/**
 * One change of the store at a time, whichever programs make them.
 * The kernel's lock, which Node has no call for, so util-linux's `flock` holds it, and lets go when we end, even by kill -9:
 * its input is then at its end.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { SystemError } from '@negotiator/common'

/** A change takes milliseconds; who waits so long waits for something that hangs. */
const patienceSeconds = 10

/**
 * Does something while nobody else does.
 * @param path the lock's file, which is made and stays
 * @throws {SystemError} `store-busy`, `cannot-lock`
 */
export async function whileLocked<Value>(path: string, action: () => Promise<Value>): Promise<Value> {
  const release = await lock(path)
  try {
    return await action()
  } finally {
    await release()
  }
}

async function lock(path: string): Promise<() => Promise<void>> {
  const args = ['--wait', String(patienceSeconds), path, 'sh', '-c', 'echo held && exec cat']
  const holder = spawn('flock', args, { stdio: ['pipe', 'pipe', 'ignore'] })
  // It may end before it has read anything, which is told below.
  holder.stdin.on('error', () => undefined)
  const ended = new Promise<string>((resolve) => {
    holder.once('error', (cause) => resolve(`cannot start flock, which util-linux has (${cause.message})`))
    holder.once('close', (code) => resolve(`flock ended with ${code ?? 'a signal'}`))
  })
  const reason = await Promise.race([once(holder.stdout, 'data').then(() => undefined), ended])
  if (reason === undefined)
    return async () => {
      holder.stdin.end()
      await ended
    }
  if (holder.exitCode === 1)
    throw new SystemError(
      `Cannot change the managed guests: another program has been changing them for ${patienceSeconds} s; try again, or see who holds "${path}"`,
      { code: 'store-busy' },
    )
  throw new SystemError(`Cannot lock "${path}": ${reason}; nothing was changed`, { code: 'cannot-lock' })
}
