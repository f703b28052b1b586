/**
 * Why a command could not be started, in words for whoever called it.
 * Floor 4. None names a path: the other side reads them.
 */
import type { Result } from '../wire/result.js'

/** The result of a command that was not started. */
export function notStarted(reason: string): Result {
  return { kind: 'failed-to-start', reason }
}

/** The same for an error of the system, by its code. */
export function systemRefusal(code: string): Result {
  return notStarted(explanations[code] ?? `the system refused to start it: ${code}`)
}

const explanations: Readonly<Record<string, string>> = {
  ENOENT: 'its interpreter does not exist; look at its first line',
  EACCES: 'it is not executable, or its file system is mounted noexec',
  EPERM: "the daemon may not run it as another user; that takes root's rights",
  ENOEXEC: 'it is neither a program nor a script with a #! line',
  E2BIG: 'its arguments are too long for the kernel',
  EAGAIN: 'the machine has no room for another process',
  ETIMEDOUT: 'the file system with it does not answer',
  ENOMEM: 'the machine is out of memory',
  EMFILE: 'the daemon has too many files open',
}
