/**
 * Tries, as the user that a command will run as, whether that user may run it.
 * Floor 4. The command itself does not run. Without this a tool such as setpriv would be the one to fail, with an exit status and
 * a message that look like the command's own.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import type { Result } from '../wire/result.js'
import type { Launch } from './launch.js'
import type { ProgramFile } from './program-file.js'
import { notStarted, systemRefusal } from './start-refusals.js'

/** Told apart by exit status; the file is the script's `$0`, and its interpreter, if it has one, `$1`. */
const script =
  'test -x "$0" || exit 3; test $# = 0 && exit 0; test -r "$0" || exit 4; test -x "$1" || exit 5; exit 0'

/** A file system that does not answer holds up one call, and not for ever. */
const rehearsalMsMax: number = 5_000

/** @returns why it cannot be run, if so */
export async function rehearse(
  path: string,
  { launch, file }: { launch: Launch; file: ProgramFile },
): Promise<Result | undefined> {
  const interpreter = file.kind === 'script' ? [file.interpreter] : []
  if (interpreter.some((name) => !existsSync(name))) return systemRefusal('ENOENT')
  const [tool = '', ...args] = [...launch.setpriv, '/bin/sh', '-c', script, path, ...interpreter]
  const child = spawn(tool, args, {
    ...launch.ids,
    env: {},
    cwd: '/',
    stdio: 'ignore',
    timeout: rehearsalMsMax,
  })
  const [status] = (await once(child, 'exit').catch(() => [undefined])) as [unknown]
  return status === 0 ? undefined : refusalOf(status, launch.userName)
}

function refusalOf(status: unknown, userName: string | undefined): Result {
  // Killed, for a file system did not answer in time.
  if (status === null) return systemRefusal('ETIMEDOUT')
  if (typeof status !== 'number' || status < 3 || status > 5) return systemRefusal('EPERM')
  if (userName === undefined) return systemRefusal('EACCES')
  return notStarted(`its user "${userName}" may not ${lacking[status]}`)
}

const lacking: Readonly<Record<number, string>> = {
  3: 'execute it, or not enter its folder',
  4: 'read it, which a script needs',
  5: 'execute its interpreter',
}
